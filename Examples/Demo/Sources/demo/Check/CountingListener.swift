import HTTPExchange
import NIOCore
import NIOPosix
import Synchronization

/// A server that nobody should know: counts who connects, and hangs up.
final class CountingListener: Sendable {
    /// Where it listens.
    let address: HTTPServerAddress
    private let channel: any Channel
    private let counter: Counter

    /// Starts listening on a free port of the loopback interface.
    static func start() async throws -> CountingListener {
        let counter = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                counter.connections.withLock { $0 += 1 }
                return channel.close()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return CountingListener(channel, counter)
    }

    private init(_ channel: any Channel, _ counter: Counter) {
        self.channel = channel
        self.counter = counter
        address = HTTPServerAddress(port: channel.localAddress?.port ?? 0)
    }

    /// How many connections there have been.
    var connections: Int { counter.connections.withLock { $0 } }

    /// Stops listening.
    func stop() async {
        try? await channel.close().get()
    }

    private final class Counter: Sendable {
        let connections = Mutex(0)
    }
}
