import FuzzChecks

/// libFuzzer's entry: a stored value with its flags.
///
/// - Parameters:
///   - start: The input.
///   - count: Its length.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTranscoders(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzRun.one(.transcoders, start, count)
}
