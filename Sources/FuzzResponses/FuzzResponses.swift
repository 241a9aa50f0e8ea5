import FuzzChecks

/// libFuzzer's entry: a stream of response frames.
///
/// - Parameters:
///   - start: The input.
///   - count: Its length.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzResponses(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzRun.one(.responses, start, count)
}
