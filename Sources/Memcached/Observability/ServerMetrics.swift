import CoreMetrics
import NIOCore
import Synchronization

/// The metrics of one server.
///
/// What is counted on connections is told as differences: when an operation fails, a connection comes or goes, and at
/// most once a second with operations that succeed, so that the requests themselves stay as they are.
final class ServerMetrics: Sendable {
    private struct Series: Hashable {
        var operation: String
        var errorType: String?
    }

    private struct State {
        var durations: [Series: CoreMetrics.Timer] = [:]
        var told = ConnectionCounters()
        var connections = 0
    }

    private let factory: any MetricsFactory
    private let attributes: [(String, String)]
    private let state = Mutex(State())
    private let lastPublished = Atomic<UInt64>(0)
    private let hits: Counter
    private let misses: Counter
    private let timeouts: Counter
    private let tombstones: Counter
    private let lateResponses: Counter
    private let poisoned: Counter
    private let connectionsMade: Counter
    private let failedConnections: Counter
    private let acquireTimeouts: Counter
    private let connectionCount: Meter
    private let createTime: CoreMetrics.Timer

    init(
        _ factory: any MetricsFactory,
        _ attributes: [(String, String)],
        pool name: String,
        maximumConnections: Int
    ) {
        self.factory = factory
        self.attributes = attributes
        let pool = [("db.client.connection.pool.name", name)] + attributes
        func counter(_ name: String) -> Counter { Counter(label: name, dimensions: pool, factory: factory) }
        self.hits = counter("memcached.client.hits")
        self.misses = counter("memcached.client.misses")
        self.timeouts = counter("memcached.client.timeouts")
        self.tombstones = counter("memcached.client.tombstones")
        self.lateResponses = counter("memcached.client.late_responses")
        self.poisoned = counter("memcached.client.poisoned_connections")
        self.connectionsMade = counter("memcached.client.connections")
        self.failedConnections = counter("memcached.client.failed_connections")
        self.acquireTimeouts = counter("db.client.connection.timeouts")
        // All of them are shared by all tasks, so none is idle.
        self.connectionCount = Meter(
            label: "db.client.connection.count",
            dimensions: pool + [("db.client.connection.state", "used")],
            factory: factory
        )
        self.createTime = CoreMetrics.Timer(
            label: "db.client.connection.create_time",
            dimensions: pool,
            preferredDisplayUnit: .seconds,
            factory: factory
        )
        let maximum = Meter(label: "db.client.connection.max", dimensions: pool, factory: factory)
        maximum.set(maximumConnections)
    }

    deinit {
        let left = state.withLock { $0.connections }
        if left > 0 { connectionCount.decrement(by: Double(left)) }
    }

    /// Keys were looked up.
    func found(_ found: Int, missed: Int) {
        if found > 0 { hits.increment(by: found) }
        if missed > 0 { misses.increment(by: missed) }
    }

    /// An operation found no connection in time.
    func waitedInVain() { acquireTimeouts.increment() }

    /// An attempt to connect came to its end.
    func connectionMade(in time: TimeAmount, _ result: Result<Connection, MemcachedError>) {
        if case .success = result { createTime.recordNanoseconds(time.nanoseconds) }
    }

    /// An operation came to its end.
    func ended(_ operation: String, errorType: String?, after time: TimeAmount) {
        let series = Series(operation: operation, errorType: errorType)
        let known = state.withLock { $0.durations[series] }
        (known ?? makeDuration(series)).recordNanoseconds(time.nanoseconds)
    }

    private func makeDuration(_ series: Series) -> CoreMetrics.Timer {
        var dimensions = attributes + [("db.operation.name", series.operation)]
        if let errorType = series.errorType { dimensions.append(("error.type", errorType)) }
        let timer = CoreMetrics.Timer(
            label: "db.client.operation.duration",
            dimensions: dimensions,
            preferredDisplayUnit: .seconds,
            factory: factory
        )
        state.withLock { $0.durations[series] = timer }
        return timer
    }

    /// Whether it is time to publish: after every failure, else once a second.
    func isDue(failed: Bool, now: NIODeadline) -> Bool {
        let last = lastPublished.load(ordering: .relaxed)
        let now = now.uptimeNanoseconds
        guard failed || now >= last &+ 1_000_000_000 else { return false }
        lastPublished.store(now, ordering: .relaxed)
        return true
    }

    /// Tells what has been counted since the last time.
    ///
    /// - Parameters:
    ///   - totals: Reads what the pool has counted; called while nobody else publishes.
    ///   - connections: Counts its connections, likewise.
    func publish(_ totals: () -> ConnectionCounters, connections: () -> Int) {
        let (new, change) = state.withLock { state in
            // A connection that has just ended may be missing for a moment: what was told is never taken back.
            let new = totals().increase(over: state.told)
            state.told += new
            let count = connections()
            defer { state.connections = count }
            return (new, count - state.connections)
        }
        for (counter, count) in [
            (timeouts, new.timeouts), (tombstones, new.tombstones), (lateResponses, new.lateResponsesDropped),
            (poisoned, new.poisoned), (connectionsMade, new.connections), (failedConnections, new.failedConnections),
        ] where count > 0 {
            counter.increment(by: count)
        }
        if change > 0 { connectionCount.increment(by: Double(change)) }
        if change < 0 { connectionCount.decrement(by: Double(-change)) }
    }
}

extension ConnectionCounters {
    /// How much more was counted than before, nothing being less than zero.
    fileprivate func increase(over told: ConnectionCounters) -> ConnectionCounters {
        var new = ConnectionCounters()
        new.tombstones = max(0, tombstones - told.tombstones)
        new.timeouts = max(0, timeouts - told.timeouts)
        new.lateResponsesDropped = max(0, lateResponsesDropped - told.lateResponsesDropped)
        new.poisoned = max(0, poisoned - told.poisoned)
        new.connections = max(0, connections - told.connections)
        new.failedConnections = max(0, failedConnections - told.failedConnections)
        return new
    }
}
