import FuzzChecks

/// libFuzzer's entry: a PHP session or value.
///
/// - Parameters:
///   - start: The input.
///   - count: Its length.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPHPSessions(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzRun.one(.phpSessions, start, count)
}
