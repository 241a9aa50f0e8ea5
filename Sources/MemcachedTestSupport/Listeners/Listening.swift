import NIOCore
import NIOPosix

/// How everything in this module that accepts connections begins to listen.
enum Listening {
    /// Binds to a free port of 127.0.0.1, or to a unix socket.
    /// - Parameters:
    ///   - bootstrap: What to bind.
    ///   - unixSocket: The path of the socket; nil for a port.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The listening channel and its address.
    static func bind(
        _ bootstrap: ServerBootstrap,
        unixSocket: String?
    ) async throws(MemcachedTestSupportError) -> (channel: any Channel, address: TestServerAddress) {
        do {
            if let unixSocket {
                let channel = try await bootstrap.bind(unixDomainSocketPath: unixSocket).get()
                return (channel, .unixSocket(path: unixSocket))
            }
            let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            guard let port = channel.localAddress?.port else {
                throw MemcachedTestSupportError(.system, "The listener has no port.")
            }
            return (channel, .tcp(host: "127.0.0.1", port: port))
        } catch let error as MemcachedTestSupportError {
            throw error
        } catch {
            throw MemcachedTestSupportError(.system, "Listening failed: \(error)")
        }
    }
}
