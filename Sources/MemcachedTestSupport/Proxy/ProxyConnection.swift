import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A client's connection and the one to the server that belongs to it, both on one event loop.
///
/// Not `Sendable`: it is made, used and released on that event loop; others reach it through a `NIOLoopBound`.
final class ProxyConnection: LaneWriterOwner {
    /// So many bytes are held in a direction before the proxy stops reading from that side.
    private static let heldLimit = 1 << 20

    private let client: any Channel
    private var server: (any Channel)?
    private let core: ProxyCore
    private let number: UInt64
    private let requests: LaneWriter
    private let responses: LaneWriter
    private var finished: Set<FaultPlan.Direction> = []
    /// From which channels the proxy reads at present.
    private var reading: [ObjectIdentifier: Bool] = [:]
    /// Whether the client is to be connected with the server, or already is.
    private var isForwarding = false
    private var isEnded = false

    init(client: any Channel, core: ProxyCore, number: UInt64, requests: FaultLane, responses: FaultLane) {
        self.client = client
        self.core = core
        self.number = number
        self.requests = LaneWriter(requests, .requests, eventLoop: client.eventLoop)
        self.responses = LaneWriter(responses, .responses, eventLoop: client.eventLoop)
        self.responses.target = client
        self.requests.owner = self
        self.responses.owner = self
    }

    /// The loop on which all of it happens.
    var eventLoop: any EventLoop { client.eventLoop }

    /// Hands over responses that have been held, if they are no longer.
    func resume() {
        responses.pump()
    }

    /// The client's connection is open.
    func clientConnected() {
        switch core.acceptMode.withLockedValue({ $0 }) {
        case .forward: connectToServer()
        case .ignore, .hang: setReads(client, true)
        case .refuse: end(.reset)
        }
    }

    /// Bytes have come from one side.
    func received(_ bytes: ByteBuffer, from side: ProxyHandler.Side) {
        guard isForwarding, !isEnded else { return }
        let writer = writer(side.direction)
        core.schedule.withLockedValue { schedule in
            writer.lane.receive(bytes.readableBytesView, now: .now(), &schedule)
        }
        writer.pump()
    }

    /// One side has ended its half of the connection.
    func receivedEnd(from side: ProxyHandler.Side) {
        guard isForwarding else { return end(.close) }
        writer(side.direction).lane.receiveEnd(now: .now())
        writer(side.direction).pump()
    }

    /// One side is gone, both halves.
    func disconnected(_ side: ProxyHandler.Side, because error: (any Error)?) {
        guard !isEnded else { return }
        // What is on its way to the client still gets there if the server has just closed; an error is passed on.
        if side == .server, error == nil {
            receivedEnd(from: .server)
        } else {
            end(error == nil ? .close : .reset)
        }
    }

    func isPaused(_ direction: FaultPlan.Direction) -> Bool {
        direction == .responses && core.isPaused
    }

    func laneMoved(_ direction: FaultPlan.Direction) {
        let writer = writer(direction)
        let tally = writer.lane.takeTally()
        if tally != FaultLane.Tally() { core.counts.withLockedValue { $0.add(tally, direction) } }
        setReads(direction == .requests ? client : server, writer.lane.heldBytes < Self.heldLimit)
    }

    /// One side takes bytes again.
    func writable(_ side: ProxyHandler.Side) {
        writer(side == .client ? .responses : .requests).pump()
    }

    func laneReached(_ ending: DeliveryQueue.Action, _ direction: FaultPlan.Direction) {
        guard ending == .finish else { return end(ending) }
        finished.insert(direction)
        if finished.count == 2 {
            end(.close)
        } else {
            writer(direction).target?.close(mode: .output, promise: nil)
        }
    }

    /// Ends the connection on both sides.
    func end(_ action: DeliveryQueue.Action) {
        guard !isEnded else { return }
        isEnded = true
        requests.stop()
        responses.stop()
        if action == .reset { client.resetOnClose() }
        client.close(promise: nil)
        server?.close(promise: nil)
        core.forget(number)
    }

    private func connectToServer() {
        isForwarding = true
        let bound = NIOLoopBound(self, eventLoop: client.eventLoop)
        let bootstrap = ClientBootstrap(group: client.eventLoop)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyHandler(bound.value, side: .server))
                }
            }
        let connected =
            switch core.upstream.withLockedValue({ $0 }) {
            case .tcp(let host, let port):
                bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: host, port: port)
            case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        connected.whenComplete { bound.value.serverConnected($0) }
    }

    private func serverConnected(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel):
            guard !isEnded else { return channel.close(promise: nil) }
            server = channel
            requests.target = channel
            requests.pump()
            responses.pump()
        case .failure:
            core.counts.withLockedValue { $0.upstreamFailures += 1 }
            end(.close)
        }
    }

    private func setReads(_ channel: (any Channel)?, _ reads: Bool) {
        guard !isEnded, let channel, reading[ObjectIdentifier(channel)] != reads else { return }
        reading[ObjectIdentifier(channel)] = reads
        _ = channel.setOption(.autoRead, value: reads)
    }

    private func writer(_ direction: FaultPlan.Direction) -> LaneWriter {
        direction == .requests ? requests : responses
    }
}
