/// A server that accepts connections, reads what is sent to it and says nothing.
public final class SilentServer: Sendable {
    private let listener: PlainListener

    /// Starts a server.
    /// - Parameter unixSocket: The path of a unix socket to listen on; nil for a free port of 127.0.0.1.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The server, which accepts connections.
    public static func start(unixSocket: String? = nil) async throws(MemcachedTestSupportError) -> SilentServer {
        SilentServer(try await PlainListener.start(PlainListener.Behaviour(), unixSocket: unixSocket))
    }

    private init(_ listener: PlainListener) {
        self.listener = listener
    }

    /// Where it listens.
    public var address: TestServerAddress { listener.address }

    /// How many connections it has accepted.
    public var connectionCount: Int { listener.counts.connections }

    /// How many bytes have been sent to it.
    public var byteCount: Int { listener.counts.bytes }

    /// Stops listening and closes all connections; dropping the last reference does the same.
    public func stop() async {
        await listener.stop()
    }
}
