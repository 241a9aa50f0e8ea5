import FuzzChecks

/// libFuzzer's entry: the beginning of a frame.
///
/// - Parameters:
///   - start: The input.
///   - count: Its length.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHeaders(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzRun.one(.headers, start, count)
}
