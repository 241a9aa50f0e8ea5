import CoreMetrics
import Memcached

/// The metrics of a session handler; there are none where nobody wants them.
///
/// Neither ids nor routes come in here.
final class SessionMetrics: Sendable {
    private let factory: any MetricsFactory
    private let dimensions: [(String, String)]
    private let holds: CoreMetrics.Timer
    private let waits: CoreMetrics.Timer
    private let counters: [MemcachedSessionEvent.Kind: Counter]

    init?(_ configuration: MemcachedSessionConfiguration) {
        guard let factory = configuration.client.observability.metrics.factory else { return nil }
        var dimensions = [("db.system.name", "memcached")]
        if let name = configuration.poolName { dimensions.append(("db.client.connection.pool.name", name)) }
        self.factory = factory
        self.dimensions = dimensions
        self.holds = Self.timer("memcached.session.lock.hold_time", dimensions, factory)
        self.waits = Self.timer("memcached.session.lock.wait_time", dimensions, factory)
        let names: [MemcachedSessionEvent.Kind: String] = [
            .missing: "memcached.session.missing",
            .lost: "memcached.session.lost",
            .lockLost: "memcached.session.lock.lost",
            .destroyedWithoutLock: "memcached.session.destroyed_without_lock",
            .revived: "memcached.session.revived",
        ]
        self.counters = names.mapValues { Counter(label: $0, dimensions: dimensions, factory: factory) }
    }

    private static func timer(
        _ name: String,
        _ dimensions: [(String, String)],
        _ factory: any MetricsFactory
    ) -> CoreMetrics.Timer {
        CoreMetrics.Timer(label: name, dimensions: dimensions, preferredDisplayUnit: .seconds, factory: factory)
    }

    /// Something happened.
    func note(_ event: MemcachedSessionEvent) {
        counters[event.kind]?.increment()
        if event.kind == .held { holds.record(event.duration ?? .zero) }
    }

    /// A request has waited for a session's lock, and has it now or has given up.
    func waited(_ time: Duration, error: MemcachedSessionError?) {
        guard let error else { return waits.record(time) }
        // Seldom, so that it need not be kept.
        Self.timer(
            "memcached.session.lock.wait_time",
            dimensions + [("error.type", error.code.description)],
            factory
        )
        .record(time)
    }
}

extension CoreMetrics.Timer {
    fileprivate func record(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let all = whole.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000)
        recordNanoseconds(whole.overflow || all.overflow ? .max : all.partialValue)
    }
}
