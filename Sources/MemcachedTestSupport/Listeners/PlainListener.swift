import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A listener that does the same simple thing to each connection.
final class PlainListener: Sendable {
    /// What it does.
    struct Behaviour: Sendable {
        /// What it sends.
        var greeting: [UInt8] = []
        /// Whether it waits for the client to say something first.
        var waitsForData = false
        /// Whether it closes after that.
        var closes = false
    }

    private struct State {
        var connectionCount = 0
        var byteCount = 0
        var open: [ObjectIdentifier: any Channel] = [:]
    }

    /// Where it listens.
    let address: TestServerAddress

    private let listener: any Channel
    private let tally: Tally

    /// What its connections share.
    final class Tally: Sendable {
        private let state = NIOLockedValueBox(State())

        /// How many connections were accepted, and how many bytes came on them.
        var counts: (connections: Int, bytes: Int) {
            state.withLockedValue { ($0.connectionCount, $0.byteCount) }
        }

        func counted() {
            state.withLockedValue { $0.connectionCount += 1 }
        }

        func accepted(_ channel: any Channel) {
            state.withLockedValue { $0.open[ObjectIdentifier(channel)] = channel }
            channel.closeFuture.whenComplete { _ in
                self.state.withLockedValue { _ = $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
            }
        }

        func received(_ count: Int) {
            state.withLockedValue { $0.byteCount += count }
        }

        func forgetOne() {
            state.withLockedValue { $0.connectionCount -= 1 }
        }

        func closeAll() {
            for channel in state.withLockedValue({ Array($0.open.values) }) { channel.close(promise: nil) }
        }
    }

    /// Begins to listen.
    /// - Parameters:
    ///   - behaviour: What to do to each connection.
    ///   - unixSocket: The path of a unix socket; nil for a free port of 127.0.0.1.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    /// - Returns: The listener.
    static func start(
        _ behaviour: Behaviour,
        unixSocket: String?
    ) async throws(MemcachedTestSupportError) -> PlainListener {
        let tally = Tally()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptCounter(tally))
                }
            }
            .childChannelInitializer { channel in
                tally.accepted(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(PlainHandler(behaviour, tally))
                }
            }
        let (listener, address) = try await Listening.bind(bootstrap, unixSocket: unixSocket)
        return PlainListener(listener, address, tally)
    }

    private init(_ listener: any Channel, _ address: TestServerAddress, _ tally: Tally) {
        self.listener = listener
        self.address = address
        self.tally = tally
    }

    deinit {
        listener.close(promise: nil)
        tally.closeAll()
    }

    /// How many connections were accepted, and how many bytes came on them.
    var counts: (connections: Int, bytes: Int) { tally.counts }

    /// Leaves one connection, that was the listener's own, out of the count.
    func forgetOne() {
        tally.forgetOne()
    }

    /// Stops listening and closes all connections.
    func stop() async {
        try? await listener.close().get()
        tally.closeAll()
    }
}

/// Counts connections where they are accepted, in the order in which they came, before they go to their event loops.
private final class AcceptCounter: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let tally: PlainListener.Tally

    init(_ tally: PlainListener.Tally) {
        self.tally = tally
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tally.counted()
        context.fireChannelRead(data)
    }
}

private final class PlainHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let behaviour: PlainListener.Behaviour
    private let tally: PlainListener.Tally
    private var hasSpoken = false

    init(_ behaviour: PlainListener.Behaviour, _ tally: PlainListener.Tally) {
        self.behaviour = behaviour
        self.tally = tally
    }

    func channelActive(context: ChannelHandlerContext) {
        if !behaviour.waitsForData { speak(context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tally.received(unwrapInboundIn(data).readableBytes)
        if behaviour.waitsForData { speak(context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func speak(_ context: ChannelHandlerContext) {
        guard !hasSpoken else { return }
        hasSpoken = true
        let channel = context.channel
        let written = channel.writeAndFlush(ByteBuffer(bytes: behaviour.greeting))
        if behaviour.closes { written.whenComplete { _ in channel.close(promise: nil) } }
    }
}
