import Logging
import Synchronization

/// Holds the topology of the moment and puts another one in its place: when servers are added or removed, and when one
/// goes down that is to be ejected.
final class TopologyKeeper: Sendable {
    private let configuration: MemcachedConfiguration
    private let tls: TLSContext?
    private let ledger = Endpoint.Ledger()
    private let relay = HealthRelay()
    private let current: Mutex<Topology>
    /// One change at a time; apart from ``current``, because building a ring of many servers takes a while.
    private let changes = Mutex(Changes())

    private struct Changes {
        var isShutDown = false
        /// Endpoints that left the topology and may still be in use.
        var retired: [Retired] = []
    }

    private struct Retired {
        weak var endpoint: Endpoint?
    }

    /// Makes the first topology.
    ///
    /// - Parameters:
    ///   - configuration: Valid.
    ///   - servers: The servers to begin with; none when they have to be looked up first.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration`` when TLS or the servers cannot be used.
    init(configuration: MemcachedConfiguration, servers: [MemcachedServer]) throws(MemcachedError) {
        self.configuration = configuration
        let tls = try TLSContext.make(for: configuration)
        self.tls = tls
        let members = servers.map { [ledger, relay] server in
            Topology.Member(
                server: server,
                endpoint: Self.endpoint(server, configuration, tls, ledger, relay)
            )
        }
        self.current = Mutex(try Topology(members: members, configuration: configuration))
        relay.connect { [weak self] in self?.healthChanged() }
    }

    private static func endpoint(
        _ server: MemcachedServer,
        _ configuration: MemcachedConfiguration,
        _ tls: TLSContext?,
        _ ledger: Endpoint.Ledger,
        _ relay: HealthRelay
    ) -> Endpoint {
        Endpoint(
            pool: ServerPool(server: server, configuration: configuration, tls: tls) { relay.report() },
            ledger: ledger
        )
    }

    /// The topology of the moment: one lock.
    var topology: Topology { current.withLock { $0 } }

    // MARK: Changes

    /// Replaces the servers.
    ///
    /// Servers that stay keep their connections. Those that go finish what they have begun.
    ///
    /// - Parameter servers: The new list, valid.
    /// - Returns: Whether anything has changed.
    /// - Throws: ``MemcachedError`` when they cannot be placed, or the client has been shut down; nothing has changed
    ///   then.
    @discardableResult
    func replace(servers: [MemcachedServer]) throws(MemcachedError) -> Bool {
        let result = changes.withLock { changes in
            Result { () throws(MemcachedError) in try replace(servers, &changes) }
        }
        // What the old topology alone held goes here, outside of the lock: connections that close call back.
        let old = try result.get()
        return old != nil
    }

    private func replace(_ servers: [MemcachedServer], _ changes: inout Changes) throws(MemcachedError) -> Topology? {
        guard !changes.isShutDown else { throw MemcachedError.shutDown }
        let old = topology
        guard servers != old.members.map(\.server) else { return nil }
        var kept: [MemcachedServer: Endpoint] = [:]
        for member in old.members { kept[member.server.withoutWeight] = member.endpoint }
        let members = servers.map { server in
            Topology.Member(
                server: server,
                endpoint: kept.removeValue(forKey: server.withoutWeight)
                    ?? Self.endpoint(server, configuration, tls, ledger, relay)
            )
        }
        let new = try Topology(members: members, generation: old.generation &+ 1, configuration: configuration)
        current.withLock { $0 = new }
        changes.retired.removeAll { $0.endpoint == nil }
        changes.retired += kept.values.map(Retired.init)
        configuration.logger.info(
            "servers changed",
            metadata: [
                "servers": "\(servers.map(\.label).joined(separator: ","))",
                "removed": "\(kept.keys.map(\.label).sorted().joined(separator: ","))",
            ]
        )
        return old
    }

    /// A server went down or came up: the ring follows, if it is to.
    private func healthChanged() {
        guard topology.router.rule == .eject else { return }
        let old = changes.withLock { changes -> Topology? in
            let old = topology
            // The same servers that made a ring make one without some of them.
            guard !changes.isShutDown, let new = try? Topology(ejectingFrom: old) else { return nil }
            current.withLock { $0 = new }
            return old
        }
        withExtendedLifetime(old) {}
    }

    // MARK: The end

    /// Lets nothing in any more, and waits until what is in flight has been answered.
    func shutDown(within patience: Duration) async {
        let endpoints = end()
        await withTaskGroup(of: Void.self) { group in
            for endpoint in endpoints {
                group.addTask { await endpoint.drain(within: patience) }
            }
        }
    }

    /// Closes everything at once.
    func close() {
        for endpoint in end() { endpoint.close() }
    }

    private func end() -> [Endpoint] {
        changes.withLock { changes in
            changes.isShutDown = true
            return topology.members.map(\.endpoint) + changes.retired.compactMap(\.endpoint)
        }
    }

    /// What happened on all connections, those of removed servers included.
    var counters: ConnectionCounters {
        let retired = changes.withLock { $0.retired.compactMap(\.endpoint) }
        return (topology.members.map(\.endpoint) + retired)
            .reduce(into: ledger.counters) { $0 += $1.pool.currentCounters }
    }
}

/// Tells the keeper of a change in a server's health; the first pools are made before the keeper is.
private final class HealthRelay: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    func connect(_ action: @escaping @Sendable () -> Void) { self.action.withLock { $0 = action } }
    func report() { action.withLock { $0 }?() }
}

extension MemcachedServer {
    /// The same server whatever its weight: what a pool is kept for.
    var withoutWeight: MemcachedServer {
        var server = self
        server.weight = 1
        return server
    }
}
