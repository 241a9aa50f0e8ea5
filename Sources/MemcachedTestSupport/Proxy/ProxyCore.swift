import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// What the connections of one proxy share.
final class ProxyCore: Sendable {
    let schedule: NIOLockedValueBox<FaultSchedule>
    let upstream: NIOLockedValueBox<TestServerAddress>
    let counts = NIOLockedValueBox(FaultProxy.Counts())
    let acceptMode = NIOLockedValueBox(FaultProxy.AcceptMode.forward)
    let fullBacklog = FullBacklog()

    private struct Connections {
        var next: UInt64 = 0
        var open: [UInt64: NIOLoopBound<ProxyConnection>] = [:]
        var isPaused = false
        var isStopped = false
    }

    private let connections = NIOLockedValueBox(Connections())
    private let isRaw: Bool
    private let generator: SeededGenerator

    init(upstream: TestServerAddress, plan: FaultPlan, seed: UInt64, isRaw: Bool) {
        schedule = NIOLockedValueBox(FaultSchedule(plan))
        self.upstream = NIOLockedValueBox(upstream)
        self.isRaw = isRaw
        generator = SeededGenerator(seed: seed)
    }

    /// Takes a client's connection; called on its event loop before it becomes active.
    func accept(_ channel: any Channel) throws {
        if fullBacklog.isFiller(channel.remoteAddress) {
            channel.close(promise: nil)
            return
        }
        counts.withLockedValue { counts in
            counts.connectionsAccepted += 1
            counts.connectionsOpen += 1
        }
        let number = connections.withLockedValue { connections in
            connections.next += 1
            return connections.next
        }
        let connection = ProxyConnection(
            client: channel,
            core: self,
            number: number,
            requests: FaultLane(.requests, isRaw: isRaw, generator: generator.derived(2 * number)),
            responses: FaultLane(.responses, isRaw: isRaw, generator: generator.derived(2 * number + 1))
        )
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let isStopped = connections.withLockedValue { connections in
            connections.open[number] = bound
            return connections.isStopped
        }
        if isStopped { connection.end(.close) }
        try channel.pipeline.syncOperations.addHandler(ProxyHandler(connection, side: .client))
    }

    /// Forgets a connection that is closed on both sides.
    func forget(_ number: UInt64) {
        let known = connections.withLockedValue { $0.open.removeValue(forKey: number) != nil }
        if known { counts.withLockedValue { $0.connectionsOpen -= 1 } }
    }

    /// Ends all open connections without waiting for that.
    func endConnections(_ action: DeliveryQueue.Action) {
        for connection in openConnections() {
            connection.eventLoop.execute { connection.value.end(action) }
        }
    }

    /// Closes all connections, open ones and those that are just being accepted, and waits until that has happened.
    func stop() async {
        connections.withLockedValue { $0.isStopped = true }
        for connection in openConnections() {
            try? await connection.eventLoop.submit { connection.value.end(.close) }.get()
        }
    }

    /// Whether responses are held back.
    var isPaused: Bool {
        connections.withLockedValue { $0.isPaused }
    }

    /// Holds responses back or lets them go on, on open connections and on those that come.
    func setPaused(_ isPaused: Bool) {
        connections.withLockedValue { $0.isPaused = isPaused }
        for connection in openConnections() {
            connection.eventLoop.execute { connection.value.resume() }
        }
    }

    private func openConnections() -> [NIOLoopBound<ProxyConnection>] {
        connections.withLockedValue { Array($0.open.values) }
    }
}
