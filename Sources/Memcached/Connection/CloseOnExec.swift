import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Keeps sockets out of child processes.
///
/// NIO does not.
enum CloseOnExec {
    /// Marks the channel's socket, on its event loop.
    ///
    /// A child that is started between the socket's creation and this call still inherits it: Swift NIO makes the
    /// socket, so it cannot be done in one step. Forking without exec is not supported.
    static func set(on channel: any Channel) throws {
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        }
    }
}
