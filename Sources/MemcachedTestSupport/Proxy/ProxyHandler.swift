import NIOCore

/// Tells a proxied connection what happens on one of its two channels.
final class ProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Whom the channel leads to.
    enum Side {
        case client
        case server

        /// Where bytes that come from this side go.
        var direction: FaultPlan.Direction {
            switch self {
            case .client: .requests
            case .server: .responses
            }
        }
    }

    private let connection: ProxyConnection
    private let side: Side
    private var error: (any Error)?

    init(_ connection: ProxyConnection, side: Side) {
        self.connection = connection
        self.side = side
    }

    func channelActive(context: ChannelHandlerContext) {
        if side == .client { connection.clientConnected() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.received(unwrapInboundIn(data), from: side)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, case .inputClosed = event { connection.receivedEnd(from: side) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        connection.writable(side)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = error
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.disconnected(side, because: error)
    }
}
