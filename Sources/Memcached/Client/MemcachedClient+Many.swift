import MemcachedWire
public import NIOCore

extension MemcachedClient {
    /// Stores many items, whether they are there or not.
    ///
    /// - Parameters:
    ///   - items: The values by key.
    ///   - flags: A word to keep beside each value.
    ///   - expiration: When the items shall go.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: How each store ended. A batch of quiet requests has no CAS to tell.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key or value that cannot be sent.
    public func setMany(
        _ items: [MemcachedKey: ByteBuffer],
        flags: UInt32 = 0,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedBatch<Void> {
        let payloads = items.map { ($0.key, MemcachedPayload(bytes: $0.value, flags: flags)) }
        return try await store(payloads, expiration, group, timeout)
    }

    /// Stores many values, whether they are there or not.
    ///
    /// - Parameters:
    ///   - values: The values by key.
    ///   - expiration: When the items shall go.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: How each store ended. A batch of quiet requests has no CAS to tell.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key or value that cannot be sent.
    public func setMany<Value: Encodable & Sendable>(
        _ values: [MemcachedKey: Value],
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedBatch<Void> {
        var payloads: [(MemcachedKey, MemcachedPayload)] = []
        payloads.reserveCapacity(values.count)
        for (key, value) in values { payloads.append((key, try payload(of: value, .set))) }
        return try await store(payloads, expiration, group, timeout)
    }

    // Each key stands there once.
    private func store(
        _ payloads: [(MemcachedKey, MemcachedPayload)],
        _ expiration: MemcachedExpiration,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedBatch<Void> {
        var plan = BatchPlan(group: group)
        plan.entries.reserveCapacity(payloads.count)
        let expiration = expiration.wireValue()
        for (key, payload) in payloads {
            let request = try core.request(
                .setQuiet,
                key,
                extras: .store(flags: payload.flags, expiration: expiration),
                value: payload.bytes
            )
            plan.entries.append(.init(key: key, request: request, position: plan.entries.count))
        }
        let outcomes = await core.batch(plan, .quiet, deadline: core.deadline(timeout)) {
            [core] response, opcode, pool throws(MemcachedError) in
            if let response { try core.requireSuccess(response, opcode, pool) }
        }
        return MemcachedBatch(plan, outcomes)
    }

    /// Removes many items.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is removed once.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: For each key whether there was an item.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key that cannot be sent.
    public func deleteMany(
        _ keys: some Sequence<MemcachedKey>,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedBatch<Bool> {
        let plan = try plan(keys, group) { key throws(MemcachedError) in try core.request(.deleteQuiet, key) }
        let outcomes = await core.batch(plan, .quiet, deadline: core.deadline(timeout)) {
            [core] response, opcode, pool throws(MemcachedError) in
            guard let response else { return true }
            return try core.wasFound(response, opcode, pool)
        }
        return MemcachedBatch(plan, outcomes)
    }

    /// Gives many items a new expiration.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is touched once.
    ///   - expiration: When the items shall go.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: For each key whether there is an item.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key that cannot be sent.
    public func touchMany(
        _ keys: some Sequence<MemcachedKey>,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedBatch<Bool> {
        // TOUCH has no quiet form.
        let extras = RequestExtras.expiration(expiration.wireValue())
        let plan = try plan(keys, group) { key throws(MemcachedError) in
            try core.request(.touch, key, extras: extras)
        }
        let outcomes = await core.batch(plan, .answered, deadline: core.deadline(timeout)) {
            [core] response, opcode, pool throws(MemcachedError) in
            guard let response else { throw Self.missing(opcode, pool) }
            return try core.wasFound(response, opcode, pool)
        }
        return MemcachedBatch(plan, outcomes)
    }

    /// Adds to many counters.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is counted once.
    ///   - delta: How much to add to each.
    ///   - initial: What a counter that is not there begins with; nil: it stays absent.
    ///   - expiration: When a counter that begins now shall go.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: For each key the new number; nil where there is no counter.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key that cannot be sent.
    public func incrementMany(
        _ keys: some Sequence<MemcachedKey>,
        by delta: UInt64 = 1,
        initial: UInt64? = nil,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedBatch<UInt64?> {
        // The quiet form would hide the numbers.
        let extras = RequestExtras.counter(
            delta: delta,
            initial: initial ?? 0,
            expiration: initial == nil ? CounterExpiration.failIfAbsent : expiration.wireValue()
        )
        let plan = try plan(keys, group) { key throws(MemcachedError) in
            try core.request(.increment, key, extras: extras)
        }
        let outcomes = await core.batch(plan, .answered, deadline: core.deadline(timeout)) {
            [core] response, opcode, pool throws(MemcachedError) in
            guard let response else { throw Self.missing(opcode, pool) }
            return try core.count(response, opcode, pool)
        }
        return MemcachedBatch(plan, outcomes)
    }

    private static func missing(_ opcode: Opcode, _ pool: ServerPool) -> MemcachedError {
        MemcachedError(
            .connectionLost,
            "the answer is missing",
            operation: opcode.description,
            server: pool.server.label,
            outcome: .unknown
        )
    }
}
