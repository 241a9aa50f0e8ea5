/// A server that answers each connection with the same text, such as an HTTP server or a memcached at its connection
/// limit.
public final class TextServer: Sendable {
    /// What memcached says, before it closes, to a client that comes when its `-c` connections are taken.
    public static let tooManyConnections = "ERROR Too many open connections\r\n"

    /// What an HTTP server says to a request that is none.
    public static let httpBadRequest =
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

    private let listener: PlainListener

    /// Starts a server.
    /// - Parameters:
    ///   - text: What it says to each connection, once.
    ///   - waitsForData: Whether it waits for the client to say something first.
    ///   - closes: Whether it closes the connection after that.
    ///   - unixSocket: The path of a unix socket to listen on; nil for a free port of 127.0.0.1.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The server, which accepts connections.
    public static func start(
        _ text: String,
        waitsForData: Bool = false,
        closes: Bool = true,
        unixSocket: String? = nil
    ) async throws(MemcachedTestSupportError) -> TextServer {
        let behaviour = PlainListener.Behaviour(
            greeting: Array(text.utf8),
            waitsForData: waitsForData,
            closes: closes
        )
        return TextServer(try await PlainListener.start(behaviour, unixSocket: unixSocket))
    }

    private init(_ listener: PlainListener) {
        self.listener = listener
    }

    /// Where it listens.
    public var address: TestServerAddress { listener.address }

    /// How many connections it has accepted.
    public var connectionCount: Int { listener.counts.connections }

    /// Stops listening and closes all connections; dropping the last reference does the same.
    public func stop() async {
        await listener.stop()
    }
}
