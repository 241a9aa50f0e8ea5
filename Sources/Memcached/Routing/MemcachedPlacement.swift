public import MemcachedHashing

/// Where a key is kept, and why; see ``MemcachedClient/placement(of:routedBy:replicas:)``.
public struct MemcachedPlacement: Hashable, Sendable {
    /// The server that the ring gives the key, whether it can be reached or not.
    public let server: MemcachedServer
    /// The server that an operation on the key would go to at this moment.
    ///
    /// Another one than ``server`` while that is down and keys may move; nil when none would take it. One at random
    /// when all servers have everything.
    public let presentServer: MemcachedServer?
    /// The servers that libmemcached would keep copies on, in its order.
    ///
    /// They follow ``server`` in the list of servers, not on the ring. This client writes no copies.
    public let replicas: [MemcachedServer]
    /// The hash and the point of the ring that decided; nil when all servers have everything.
    public let reason: ServerRing.Placement?
}

extension MemcachedPlacement: CustomStringConvertible {
    /// One line for people: server, hash, point and replicas, but not the key.
    public var description: String {
        var text = reason.map(\.description) ?? "\(server), one of several with the same items"
        if presentServer != server { text += ", at present " + (presentServer?.label ?? "nowhere: it is down") }
        return text
    }
}

extension MemcachedClient {
    /// Explains where a key is kept.
    ///
    /// Nothing is sent. The hash is that of the key as it is stored (see ``MemcachedConfiguration/keys``), or of the
    /// group.
    ///
    /// - Parameters:
    ///   - key: The key, without the namespace.
    ///   - group: The key of a group that stays together, as given to the operation.
    ///   - replicas: How many copies libmemcached would keep (`NUMBER_OF_REPLICAS`).
    /// - Returns: The server, the reason, and where an operation would go now.
    public func placement(
        of key: MemcachedKey,
        routedBy group: MemcachedKey? = nil,
        replicas: Int = 0
    ) -> MemcachedPlacement {
        core.topology.placement(of: core.placed(key, routedBy: group), replicas: replicas)
    }
}

extension Topology {
    func placement(of key: MemcachedKey, replicas: Int) -> MemcachedPlacement {
        let placement = key.withUnsafeBytes { router.ring.placement(of: $0, replicas: replicas) }
        let choice = router.choose(for: key, passing: [], ObservedConditions(topology: self))
        var present: MemcachedServer?
        if case .server(let index, _) = choice { present = members[index].server }
        let isByKey = router.rule != .equivalent
        return MemcachedPlacement(
            server: members[placement.index].server,
            presentServer: present,
            replicas: isByKey ? placement.replicas.map { members[$0].server } : [],
            reason: isByKey ? placement : nil
        )
    }
}

/// The servers as they are, for somebody who only looks: no turn of a probe is taken.
private struct ObservedConditions: ServerConditions {
    let topology: Topology

    func admission(of index: Int) -> ServerPool.Admission {
        let pool = topology.members[index].pool
        return pool.isDown ? .down(MemcachedError(.serverDown, "the server is down", server: pool.server.label)) : .open
    }

    func load(of index: Int) -> Int { topology.members[index].endpoint.load }
    func random(below count: Int) -> Int { .random(in: 0..<max(1, count)) }
}
