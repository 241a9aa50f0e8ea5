import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Reads many items at once.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is read once.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The items that were found, by key.
    /// - Throws: ``MemcachedError`` when a server could not be read; misses are not errors. To keep what other servers
    ///   had, read with ``items(for:routedBy:timeout:)``.
    public func get(
        _ keys: some Sequence<MemcachedKey>,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> [MemcachedKey: MemcachedItem] {
        let plan = try core.plan(.getQuiet, keys, group)
        return try await found(plan, timeout, make: \.item)
    }

    /// Reads many items at once and gives each a new expiration in the same step.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is read once.
    ///   - expiration: When the items shall go.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The items that were found, by key.
    /// - Throws: ``MemcachedError`` when a server could not be read; misses are not errors.
    public func getAndTouch(
        _ keys: some Sequence<MemcachedKey>,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> [MemcachedKey: MemcachedItem] {
        let plan = try core.plan(.getAndTouchQuiet, keys, group, extras: .expiration(expiration.wireValue()))
        return try await found(plan, timeout, make: \.item)
    }

    /// Reads what a plan asks for.
    ///
    /// - Parameters:
    ///   - plan: The reads.
    ///   - timeout: For all of them.
    ///   - glance: Makes the same of its bytes and client flags, where that is enough.
    ///   - make: Makes of a hit what the caller wants.
    /// - Returns: What was found, by key.
    /// - Throws: ``MemcachedError``.
    @inline(__always)
    func found<Value>(
        _ plan: BatchPlan,
        _ timeout: Duration?,
        glance: (RawSpan, UInt32) -> Value? = { _, _ in nil },
        make: (Response) throws(MemcachedError) -> Value
    ) async throws(MemcachedError) -> [MemcachedKey: Value] {
        let deadline = core.deadline(timeout)
        let count = plan.keys.count
        let end = await core.window(
            of: plan.opcode,
            count: count,
            deadline: deadline,
            home: { topology in
                plan.group.map { topology.home(of: $0) } ?? topology.home(ofAll: (0..<count).lazy.map(plan.storedKey))
            },
            encode: { plan.encode(0..<count, firstOpaque: $0, isClosed: true) }
        )
        var found: [MemcachedKey: Value] = [:]
        found.reserveCapacity(count)
        switch end {
        case .settled(let runs):
            for run in runs {
                try run.visit { number, position, bytes, flags throws(MemcachedError) in
                    // The last one is the NOOP's.
                    guard position < count else { return }
                    found[plan.keys[position]] =
                        if let value = glance(bytes, flags) { value } else { try make(run.response(number)) }
                }
            }
        case .open(let first):
            let outcomes = await core.hits(plan, deadline: deadline, after: first)
            for (key, outcome) in zip(plan.keys, outcomes) {
                if let hit = try outcome.get() { found[key] = try make(hit) }
            }
        }
        return found
    }
}

extension ClientCore {
    /// Makes a plan with one request for each key, a key that stands twice only once.
    ///
    /// - Parameters:
    ///   - opcode: What is done with each key.
    ///   - keys: The keys.
    ///   - group: The key that decides about the server for all of them.
    ///   - extras: What each request says besides.
    /// - Returns: The plan.
    /// - Throws: ``MemcachedError/Code/invalidKey`` before anything is sent.
    func plan(
        _ opcode: Opcode,
        _ keys: some Sequence<MemcachedKey>,
        _ group: MemcachedKey?,
        extras: RequestExtras = .none
    ) throws(MemcachedError) -> BatchPlan {
        try plan(opcode, Array(keys), group, extras: extras)
    }

    private func plan(
        _ opcode: Opcode,
        _ keys: [MemcachedKey],
        _ group: MemcachedKey?,
        extras: RequestExtras
    ) throws(MemcachedError) -> BatchPlan {
        if takesKeysAsTheyAre, KeySet.areDistinct(keys),
            let plan = BatchPlan(
                opcode,
                keys: keys,
                extras: extras,
                namespace: configuration.namespace,
                group: group
            )
        {
            return plan
        }
        var plan = BatchPlan(
            opcode,
            extras: extras,
            namespace: configuration.namespace,
            group: group,
            capacity: keys.count
        )
        var seen = KeySet(capacity: keys.count)
        for key in keys where seen.insert(key, at: plan.keys.count, of: plan.keys) { try add(key, to: &plan) }
        return plan
    }

    /// Adds a request to a plan, if its key can be sent.
    ///
    /// - Throws: ``MemcachedError/Code/invalidKey``.
    func add(_ key: MemcachedKey, to plan: inout BatchPlan) throws(MemcachedError) {
        guard configuration.keys.longKeys == .hash else {
            try check(key, stored: key, for: plan.opcode)
            return plan.append(key)
        }
        let stored = stored(key)
        try check(key, stored: stored, for: plan.opcode)
        plan.append(key, stored: stored)
    }

    /// Reads what a plan asks for: hits, and nil for each miss.
    ///
    /// - Parameters:
    ///   - plan: The reads.
    ///   - deadline: For all of them.
    ///   - arrival: Told of each response as it comes.
    ///   - first: What became of it so far.
    /// - Returns: An outcome for each read.
    func hits(
        _ plan: BatchPlan,
        deadline: NIODeadline,
        arrival: Flight.Arrival? = nil,
        after first: FirstAttempt<GroupResponses>? = nil
    ) async -> Outcomes<Response?> {
        await batch(plan, .quiet, deadline: deadline, arrival: arrival, after: first) {
            [self] response, opcode, pool throws(MemcachedError) in
            guard let response else { return nil }
            return try hit(response, opcode, pool)
        }
    }
}
