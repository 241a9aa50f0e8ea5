import MemcachedWire

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
        let plan = try plan(keys, group) { key throws(MemcachedError) in try core.request(.getQuiet, key) }
        return try await found(plan, timeout) { item in item }
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
        let extras = RequestExtras.expiration(expiration.wireValue())
        let plan = try plan(keys, group) { key throws(MemcachedError) in
            try core.request(.getAndTouchQuiet, key, extras: extras)
        }
        return try await found(plan, timeout) { item in item }
    }

    /// Makes a plan with one request for each key, a key that stands twice only once.
    func plan(
        _ keys: some Sequence<MemcachedKey>,
        _ group: MemcachedKey?,
        _ request: (MemcachedKey) throws(MemcachedError) -> Request
    ) throws(MemcachedError) -> BatchPlan {
        var plan = BatchPlan(group: group)
        var seen: Set<MemcachedKey> = []
        seen.reserveCapacity(keys.underestimatedCount)
        plan.entries.reserveCapacity(keys.underestimatedCount)
        for key in keys where seen.insert(key).inserted {
            plan.entries.append(.init(key: key, request: try request(key), position: plan.entries.count))
        }
        return plan
    }

    /// Reads what a plan asks for.
    ///
    /// - Parameters:
    ///   - plan: The reads.
    ///   - timeout: For all of them.
    ///   - make: Makes of an item what the caller wants.
    /// - Returns: What was found, by key.
    /// - Throws: ``MemcachedError``.
    func found<Value>(
        _ plan: BatchPlan,
        _ timeout: Duration?,
        _ make: (MemcachedItem) throws(MemcachedError) -> Value
    ) async throws(MemcachedError) -> [MemcachedKey: Value] {
        let outcomes = await core.batch(plan, .quiet, deadline: core.deadline(timeout)) {
            [core] response, opcode, pool throws(MemcachedError) in
            guard let response else { return MemcachedItem?.none }
            return try core.item(response, opcode, pool)
        }
        var found: [MemcachedKey: Value] = [:]
        found.reserveCapacity(outcomes.count)
        for (entry, outcome) in zip(plan.entries, outcomes) {
            if let item = try outcome.get() { found[entry.key] = try make(item) }
        }
        return found
    }
}
