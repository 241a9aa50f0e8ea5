import NIOCore
import Synchronization

extension MemcachedClient {
    /// What the servers and the connections to them are doing at the moment.
    public var status: MemcachedStatus {
        let now = NIODeadline.now()
        return MemcachedStatus(servers: core.topology.members.map { $0.pool.status(at: now, server: $0.server) })
    }
}

extension ServerPool {
    /// What this server and its connections are doing.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - server: The server as it is configured now; its weight may have changed.
    /// - Returns: A picture of this moment.
    func status(at now: NIODeadline, server: MemcachedServer) -> MemcachedStatus.Server {
        let lanes = lanes.map { lane in
            lane.machine.withLock { ($0.connections, $0.draining, $0.waiterCount, $0.isConnecting) }
        }
        let counters = currentCounters
        return MemcachedStatus.Server(
            server: server,
            health: health.status(at: now),
            connections: lanes.flatMap(\.0).map { $0.status(at: now, isDraining: false) }
                + lanes.flatMap(\.1).map { $0.status(at: now, isDraining: true) },
            waiting: lanes.reduce(0) { $0 + $1.2 },
            isConnecting: lanes.contains(where: \.3),
            totals: MemcachedStatus.Totals(
                connections: counters.connections,
                failedConnections: counters.failedConnections,
                timeouts: counters.timeouts,
                tombstones: counters.tombstones,
                lateResponsesDropped: counters.lateResponsesDropped,
                poisoned: counters.poisoned
            )
        )
    }
}

extension HealthMonitor {
    fileprivate func status(at now: NIODeadline) -> MemcachedStatus.Health {
        let (phase, failing) = current
        guard let failing else { return .up }
        let time = Duration.nanoseconds(max(0, (now - failing.since).nanoseconds))
        return phase == .down ? .down(for: time, failing.error) : .suspect(for: time, failing.error)
    }
}

extension Connection {
    fileprivate func status(at now: NIODeadline, isDraining: Bool) -> MemcachedStatus.Connection {
        let (requests, tombstones) = inFlight
        return MemcachedStatus.Connection(
            age: .nanoseconds(max(0, (now - facts.opened).nanoseconds)),
            requestsInFlight: requests,
            tombstones: tombstones,
            isAuthenticated: isAuthenticated,
            isEncrypted: isEncrypted,
            isSuspect: isSuspect,
            isDraining: isDraining
        )
    }
}
