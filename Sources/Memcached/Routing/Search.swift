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
    /// Tries that failed.
    private var failures = 0
    /// Whether a server is asked that failed a moment ago.
    private var returnsAtOnce = false

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
        var choice = topology.choose(for: destination, passing: passed, servers)
        // All have been tried, and there are more tries than servers.
        if case .nowhere = choice, topology.router.rule == .equivalent, topology.tries != nil, !passed.isEmpty {
            choice = topology.choose(for: destination, passing: [], servers)
        }
        switch choice {
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

    /// Whether a server gets half of the time only, because another one could take it as well, or it will be asked again.
    private func isPatienceShared(_ index: Int, _ admission: ServerPool.Admission, isRead: Bool) -> Bool {
        if topology.tries != nil {
            guard hasAnotherTry else { return false }
            if isRead { return true }
        }
        switch (topology.router.rule, admission) {
        case (.keep, _): return false
        case (.equivalent, _) where isRead: break
        case (_, .probe): break
        default: return false
        }
        return hasFreshServer(besides: index)
    }

    /// Whether the operation may be tried once more when the present try has failed.
    private var hasAnotherTry: Bool { topology.tries.map { failures + 1 < $0 } ?? true }

    /// Whether there is a server that has not been tried and is not down.
    private func hasFreshServer(besides index: Int? = nil) -> Bool {
        topology.members.indices.contains {
            $0 != index && !passed.contains($0) && !topology.members[$0].pool.isDown
        }
    }

    /// Whether it goes on after a failure, at another server or at the same.
    ///
    /// - Parameters:
    ///   - error: The failure.
    ///   - turn: Where.
    ///   - isRead: Whether what failed may be done again.
    /// - Returns: Whether ``turn(for:isRead:)`` is to be asked again.
    func goesOn(after error: MemcachedError, at turn: Turn, isRead: Bool) -> Bool {
        guard NIODeadline.now() < deadline, hasAnotherTry else { return false }
        let isDown = turn.pool.isDown
        if RetryRule.allowsAnotherServer(error, isRead: isRead, topology.router.rule, isDown: isDown) { return true }
        return topology.tries != nil && !isDown && RetryRule.allowsSameServer(error, isRead: isRead)
    }

    /// Leaves servers behind.
    ///
    /// - Parameters:
    ///   - turns: Where it failed.
    ///   - error: How.
    ///   - present: The topology of the moment, which may do without these servers already.
    mutating func pass(_ turns: [Turn], _ error: MemcachedError, present: Topology) {
        failure = error
        failures = min(failures, .max - 1) + 1
        returnsAtOnce = false
        if topology.router.rule == .eject, present !== topology, changes < topology.members.count {
            topology = present
            passed = []
            changes += 1
            return
        }
        // A key leaves no server that is not down, unless every server has it.
        let left = turns.filter { topology.tries == nil || topology.router.rule == .equivalent || $0.pool.isDown }
        passed.formUnion(left.map(\.index))
        // Who ran out of time has waited.
        guard topology.tries != nil, error.code != .timeout else { return }
        returnsAtOnce = topology.router.rule == .equivalent ? !hasFreshServer() : left.count < turns.count
    }

    /// The pause before the next turn; nil to take it at once.
    func pause() -> Duration? {
        guard returnsAtOnce else { return nil }
        let left = max(0, (deadline - .now()).nanoseconds)
        return min(.milliseconds(.random(in: 100...200)), .nanoseconds(left / 4))
    }

    private static func half(of deadline: NIODeadline) -> NIODeadline {
        let now = NIODeadline.now()
        return now < deadline ? now + .nanoseconds((deadline - now).nanoseconds / 2) : deadline
    }

    private static let nowhere = MemcachedError(.serverDown, "there is no server left to ask")
}
