import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// File descriptors for child processes.
enum Descriptors {
    /// Opens a pipe whose ends are closed on exec and lie above the descriptors that a child is given.
    static func pipe() throws -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [-1, -1]
        guard unistdPipe(&ends) == 0 else { throw SystemError("pipe", errno) }
        defer { close(ends[0], ends[1]) }
        let reading = fcntl(ends[0], F_DUPFD_CLOEXEC, 10)
        let writing = fcntl(ends[1], F_DUPFD_CLOEXEC, 10)
        guard reading >= 0, writing >= 0 else {
            let number = errno
            close(reading, writing)
            throw SystemError("fcntl(F_DUPFD_CLOEXEC)", number)
        }
        return (reading, writing)
    }

    /// Closes descriptors; a negative one stands for none.
    static func close(_ descriptors: CInt...) {
        for descriptor in descriptors where descriptor >= 0 {
            _ = unistdClose(descriptor)
        }
    }

    #if !canImport(Darwin)
    /// The descriptors that are open in this process.
    static func open() -> [CInt] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { CInt($0) }
    }
    #endif
}

private func unistdPipe(_ ends: inout [CInt]) -> CInt { pipe(&ends) }
private func unistdClose(_ descriptor: CInt) -> CInt { close(descriptor) }
