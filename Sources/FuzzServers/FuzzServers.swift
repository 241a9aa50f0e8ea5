import FuzzChecks

/// libFuzzer's entry: a list of servers.
///
/// - Parameters:
///   - start: The input.
///   - count: Its length.
/// - Returns: 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServers(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzRun.one(.servers, start, count)
}
