package import HTTPExchange
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP/1.1 reverse proxy: gives each request to the next process in turn.
///
/// What a hosting platform has in front of an application, reduced to what a demonstration needs: requests and
/// responses are held in memory whole, and a process gets a new connection for each request. A process that takes no
/// connection is passed over; once a request has been sent it is never sent again.
package final class Front: Sendable {
    /// Where it listens.
    package let address: HTTPServerAddress

    private let listener: NIOAsyncChannel<ClientConnection.Channel, Never>
    private let forwarder: Forwarder
    private let limits: Limits
    /// How many clients are connected.
    private let open = Mutex(0)

    /// Takes the port.
    ///
    /// Nothing is answered before ``run()``.
    ///
    /// - Parameters:
    ///   - port: A port of the loopback interface; 0 for a free one.
    ///   - backends: The processes, in the order of their turns.
    ///   - limits: What is taken from clients.
    ///   - onResponse: Is shown each response of a process.
    /// - Returns: The front.
    /// - Throws: What the system says when the port is taken.
    package static func bind(
        port: Int = 0,
        backends: [HTTPServerAddress],
        limits: Limits = Limits(),
        onResponse: @escaping @Sendable (HTTPResponse) -> Void = { _ in }
    ) async throws -> Front {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port) { channel in
                ClientConnection.configure(channel, limits)
            }
        let forwarder = Forwarder(backends: backends, onResponse: onResponse)
        return Front(listener: listener, forwarder: forwarder, limits: limits)
    }

    private init(
        listener: NIOAsyncChannel<ClientConnection.Channel, Never>,
        forwarder: Forwarder,
        limits: Limits
    ) {
        self.listener = listener
        self.forwarder = forwarder
        self.limits = limits
        address = HTTPServerAddress(port: listener.channel.localAddress?.port ?? 0)
    }

    /// Answers until the task is cancelled, then closes the port and all connections.
    package func run() async throws {
        try await listener.executeThenClose { connections in
            await withDiscardingTaskGroup { group in
                do {
                    for try await connection in connections {
                        let isWelcome = self.open.withLock { open in
                            guard open < self.limits.connections else { return false }
                            open += 1
                            return true
                        }
                        guard isWelcome else {
                            connection.channel.close(promise: nil)
                            continue
                        }
                        group.addTask {
                            await ClientConnection(connection, forwarder: self.forwarder, limits: self.limits).serve()
                            self.open.withLock { $0 -= 1 }
                        }
                    }
                } catch {
                    // Accepting has ended; the connections that are there end with their clients or the task.
                }
            }
        }
    }
}
