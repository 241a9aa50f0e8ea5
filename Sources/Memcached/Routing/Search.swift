import NIOCore

/// The way of an operation, or of a batch, through the servers: which is next, and whether there is a next one.
struct Search {
    /// What has been looked at; another one only when servers were ejected meanwhile.
    private(set) var topology: Topology
    private let deadline: NIODeadline
    /// Servers that could not take it.
    private var passed: Set<Int> = []
    private var failure: MemcachedError?
    private var changes = 0

    init(_ topology: Topology, deadline: NIODeadline) {
        self.topology = topology
        self.deadline = deadline
    }

    /// The next server for an operation.
    ///
    /// - Parameters:
    ///   - destination: What decides about it.
    ///   - isRead: Whether what is to be done may be done again elsewhere.
    ///   - servers: What is known of the servers.
    /// - Returns: Where to go.
    /// - Throws: The last failure, or since when the servers have been down: there is nowhere to go.
    func turn(
        for destination: Destination,
        isRead: Bool,
        _ servers: some ServerConditions
    ) throws(MemcachedError) -> Turn {
        switch topology.choose(for: destination, passing: passed, servers) {
        case .nowhere(let error):
            throw failure ?? error ?? Self.nowhere
        case .server(let index, let admission):
            let isShortened = isPatienceShared(index, admission, isRead: isRead)
            let half = isShortened ? Self.half(of: deadline) : deadline
            return Turn(
                index: index,
                endpoint: topology.members[index].endpoint,
                admission: admission,
                deadline: half,
                isShortened: isShortened
            )
        }
    }

    /// The next server for an operation, with the servers as they are now.
    func turn(for destination: Destination, isRead: Bool) throws(MemcachedError) -> Turn {
        try turn(for: destination, isRead: isRead, PresentConditions(topology: topology, now: .now()))
    }

    /// Whether a server gets half of the time only, because another one could take it as well.
    private func isPatienceShared(_ index: Int, _ admission: ServerPool.Admission, isRead: Bool) -> Bool {
        switch (topology.router.rule, admission) {
        case (.keep, _): return false
        case (.equivalent, _) where isRead: break
        case (_, .probe): break
        default: return false
        }
        return topology.members.indices.contains {
            $0 != index && !passed.contains($0) && !topology.members[$0].pool.isDown
        }
    }

    /// Whether it goes on at another server after a failure.
    ///
    /// - Parameters:
    ///   - error: The failure.
    ///   - turn: Where.
    ///   - isRead: Whether what failed may be done again.
    /// - Returns: Whether ``turn(for:isRead:)`` is to be asked again.
    func goesOn(after error: MemcachedError, at turn: Turn, isRead: Bool) -> Bool {
        NIODeadline.now() < deadline
            && RetryRule.allowsAnotherServer(
                error,
                isRead: isRead,
                topology.router.rule,
                isDown: turn.pool.isDown
            )
    }

    /// Leaves servers behind.
    ///
    /// - Parameters:
    ///   - turns: Where it failed.
    ///   - error: How.
    ///   - present: The topology of the moment, which may do without these servers already.
    mutating func pass(_ turns: [Turn], _ error: MemcachedError, present: Topology) {
        failure = error
        if topology.router.rule == .eject, present !== topology, changes < topology.members.count {
            topology = present
            passed = []
            changes += 1
        } else {
            passed.formUnion(turns.map(\.index))
        }
    }

    private static func half(of deadline: NIODeadline) -> NIODeadline {
        let now = NIODeadline.now()
        return now < deadline ? now + .nanoseconds((deadline - now).nanoseconds / 2) : deadline
    }

    private static let nowhere = MemcachedError(.serverDown, "there is no server left to ask")
}
