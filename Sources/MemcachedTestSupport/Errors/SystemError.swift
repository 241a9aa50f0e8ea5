#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension MemcachedTestSupportError {
    /// A failed system call, with the operating system's own words for its error number.
    /// - Parameters:
    ///   - call: The name of the system call.
    ///   - number: The error number it left in `errno` or returned.
    /// - Returns: An error of code ``Code/system``.
    static func system(_ call: String, _ number: CInt) -> MemcachedTestSupportError {
        MemcachedTestSupportError(.system, "\(call) failed: \(String(cString: strerror(number))) (errno \(number))")
    }
}
