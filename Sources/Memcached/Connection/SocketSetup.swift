import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What is done with a channel's socket, once it is connected.
enum SocketSetup {
    /// Prepares the socket, on its event loop.
    ///
    /// It is kept out of child processes, which NIO does not do. A child that is started between the socket's creation and
    /// this call still inherits it: Swift NIO makes the socket, so it cannot be done in one step. Forking without exec is
    /// not supported.
    ///
    /// - Parameters:
    ///   - channel: The channel.
    ///   - keepsAlive: Whether the system looks now and then if the other side is still there.
    ///   - isDirect: Whether requests may go past the channel.
    /// - Returns: The way past the channel, if there is one.
    /// - Throws: `ChannelPipelineError` when the channel does not give its socket.
    static func prepare(_ channel: any Channel, keepsAlive: Bool, isDirect: Bool) throws -> DirectSocket? {
        // Looking for the socket takes as long as ten system calls: once for all.
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
            if keepsAlive {
                var isOn: CInt = 1
                setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &isOn, socklen_t(MemoryLayout<CInt>.size))
            }
            return isDirect ? DirectSocket(to: socket) : nil
        } ?? nil
    }
}
