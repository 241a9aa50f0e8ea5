import NIOConcurrencyHelpers
import NIOCore

/// One client's connection to a server in this process.
///
/// Not `Sendable`: it is made, used and released on its event loop; others reach it through a `NIOLoopBound`.
final class FakeServerConnection: LaneWriterOwner {
    /// So many bytes of responses are held before the server stops reading requests.
    private static let heldLimit = 1 << 20

    private let channel: any Channel
    private let core: FakeServerCore
    private let number: Int
    private let responses: LaneWriter
    private var session: ServerSession
    /// Faults that the script has asked for and that wait for something to be sent.
    private var awaited = FaultSchedule(.none)
    private var reads = true
    private var isEnded = false

    init(_ channel: any Channel, core: FakeServerCore, number: Int, _ lane: FaultLane) {
        self.channel = channel
        self.core = core
        self.number = number
        session = ServerSession(core.limits, core.accounts)
        responses = LaneWriter(lane, .responses, eventLoop: channel.eventLoop)
        responses.target = channel
        responses.owner = self
    }

    /// Hands over responses that have been held, if they are no longer.
    func resume() {
        responses.pump()
    }

    /// Bytes have come from the client.
    func received(_ bytes: ByteBuffer) {
        guard !isEnded else { return }
        for output in core.receive(bytes, &session, connection: number) {
            switch output {
            case .frame(let frame): send(.frame(frame))
            case .bytes(let bytes): send(.bytes(bytes))
            case .fault(let fault): awaited.inject(FaultPlan.Rule(fault, limit: 1))
            case .close: responses.lane.receiveEnd(with: .close, now: .now())
            case .reset: responses.lane.receiveEnd(with: .reset, now: .now())
            }
        }
        responses.pump()
    }

    /// The client has ended its half; it still gets its answers.
    func receivedEnd() {
        responses.lane.receiveEnd(with: .close, now: .now())
        responses.pump()
    }

    /// The client takes bytes again.
    func writable() {
        responses.pump()
    }

    func laneReached(_ ending: DeliveryQueue.Action, _ direction: FaultPlan.Direction) {
        guard !isEnded else { return }
        if ending == .finish {
            channel.close(mode: .output, promise: nil)
            return
        }
        isEnded = true
        responses.stop()
        if ending == .reset { channel.resetOnClose() }
        channel.close(promise: nil)
        core.forget(number)
    }

    func isPaused(_ direction: FaultPlan.Direction) -> Bool {
        core.isPaused
    }

    func laneMoved(_ direction: FaultPlan.Direction) {
        let tally = responses.lane.takeTally()
        if tally != FaultLane.Tally() {
            core.counts.withLockedValue { counts in
                counts.responseFrames += tally.frames
                counts.faults.merge(tally.faults) { $0 + $1 }
            }
        }
        let wants = responses.lane.heldBytes < Self.heldLimit
        guard !isEnded, wants != reads else { return }
        reads = wants
        _ = channel.setOption(.autoRead, value: wants)
    }

    private func send(_ unit: StreamUnit) {
        core.schedule.withLockedValue { schedule in
            responses.lane.receive(unit, now: .now(), first: &awaited, &schedule)
        }
    }
}

/// Tells a connection what happens on its channel.
final class FakeServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let connection: FakeServerConnection

    init(_ connection: FakeServerConnection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.received(unwrapInboundIn(data))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, case .inputClosed = event { connection.receivedEnd() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { connection.writable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.laneReached(.close, .responses)
    }
}
