import Foundation
import NIOConcurrencyHelpers
import NIOCore

/// What the connections of one server in this process share.
final class FakeServerCore: Sendable {
    let schedule = NIOLockedValueBox(FaultSchedule(.none))
    let counts = NIOLockedValueBox(FakeMemcachedServer.Counts())
    let script: NIOLockedValueBox<FakeMemcachedServer.Script?>
    let limits: MemoryStore.Limits
    let accounts: SASLAccounts

    private struct Connections {
        var next = 0
        var open: [Int: NIOLoopBound<FakeServerConnection>] = [:]
        var isPaused = false
        var isStopped = false
    }

    private let store: NIOLockedValueBox<MemoryStore>
    private let connections = NIOLockedValueBox(Connections())
    private let now: @Sendable () -> Int64
    private let startTime: Int64
    private let generator: SeededGenerator

    init<C: Clock<Duration>>(
        _ configuration: FakeMemcachedServer.Configuration,
        clock: C,
        script: FakeMemcachedServer.Script?
    ) {
        limits = MemoryStore.Limits(
            itemSize: configuration.itemSizeLimit,
            memory: configuration.memoryLimit,
            hasCAS: configuration.hasCAS,
            allowsFlush: configuration.allowsFlush,
            version: configuration.version
        )
        accounts = SASLAccounts(passwords: configuration.users)
        store = NIOLockedValueBox(MemoryStore(limits))
        self.script = NIOLockedValueBox(script)
        generator = SeededGenerator(seed: configuration.seed)
        let startTime = configuration.startTime ?? Int64(Date().timeIntervalSince1970)
        self.startTime = startTime
        let start = clock.now
        now = { startTime + start.duration(to: clock.now).components.seconds }
    }

    /// Reads or changes the items.
    func withStore<Value>(_ body: (inout MemoryStore, Int64) -> Value) -> Value {
        let now = now()
        return store.withLockedValue { body(&$0, now) }
    }

    /// Does what a client's bytes ask for.
    func receive(_ bytes: ByteBuffer, _ session: inout ServerSession, connection: Int) -> [ServerSession.Output] {
        let script = script.withLockedValue { $0 }
        let now = now()
        let counts = counts.withLockedValue { $0 }
        var requests: [UInt8: Int] = [:]
        var number = session.requestCount
        let outputs = store.withLockedValue { store in
            store.counters["curr_connections"] = counts.connectionsOpen
            store.counters["total_connections"] = counts.connectionsAccepted
            store.counters["pid"] = Int(ProcessInfo.processInfo.processIdentifier)
            store.counters["uptime"] = Int(now - startTime)
            store.counters["time"] = Int(now)
            return session.receive(bytes.readableBytesView, &store, now: now) { frame in
                requests[frame.opcode, default: 0] += 1
                number += 1
                guard let script else { return [.answer] }
                return script(FakeMemcachedServer.Request(frame: frame, connection: connection, number: number))
            }
        }
        self.counts.withLockedValue { $0.requests.merge(requests) { $0 + $1 } }
        return outputs
    }

    /// Takes a client's connection; called on its event loop before it becomes active.
    func accept(_ channel: any Channel) throws {
        counts.withLockedValue { counts in
            counts.connectionsAccepted += 1
            counts.connectionsOpen += 1
        }
        let number = connections.withLockedValue { connections in
            connections.next += 1
            return connections.next
        }
        let lane = FaultLane(.responses, isRaw: false, generator: generator.derived(UInt64(number)))
        let connection = FakeServerConnection(channel, core: self, number: number, lane)
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let isStopped = connections.withLockedValue { connections in
            connections.open[number] = bound
            return connections.isStopped
        }
        if isStopped { connection.laneReached(.close, .responses) }
        try channel.pipeline.syncOperations.addHandler(FakeServerHandler(connection))
    }

    /// Forgets a connection that is closed.
    func forget(_ number: Int) {
        let known = connections.withLockedValue { $0.open.removeValue(forKey: number) != nil }
        if known { counts.withLockedValue { $0.connectionsOpen -= 1 } }
    }

    /// Ends all open connections without waiting for that.
    func endConnections(_ action: DeliveryQueue.Action) {
        for connection in openConnections() {
            connection.eventLoop.execute { connection.value.laneReached(action, .responses) }
        }
    }

    /// Closes all connections, open ones and those that are just being accepted, and waits until that has happened.
    func stop() async {
        connections.withLockedValue { $0.isStopped = true }
        for connection in openConnections() {
            try? await connection.eventLoop.submit { connection.value.laneReached(.close, .responses) }.get()
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

    private func openConnections() -> [NIOLoopBound<FakeServerConnection>] {
        connections.withLockedValue { Array($0.open.values) }
    }
}
