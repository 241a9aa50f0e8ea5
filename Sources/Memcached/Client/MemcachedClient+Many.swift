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
        var plan = core.storePlan(expiration, group, capacity: items.count)
        for (key, value) in items {
            try core.add(key, MemcachedPayload(bytes: value, flags: flags), to: &plan)
        }
        return await store(items, plan, timeout)
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
    #if compiler(>=6.3)
    @specialized(where Value == String)
    #endif
    public func setMany<Value: Encodable & Sendable>(
        _ values: [MemcachedKey: Value],
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedBatch<Void> {
        var plan = core.storePlan(expiration, group, capacity: values.count)
        for (key, value) in values {
            if let text = core.plainText(of: value) {
                try core.add(key, text, to: &plan)
            } else {
                try core.add(key, try payload(of: value, .set), to: &plan)
            }
        }
        return await store(values, plan, timeout)
    }

    /// Carries out stores.
    ///
    /// - Parameters:
    ///   - values: What is stored, by key.
    ///   - plan: How, in the same order.
    ///   - timeout: For all of it.
    /// - Returns: How each of them ended.
    @inline(__always)
    private func store<Value>(
        _ values: [MemcachedKey: Value],
        _ plan: BatchPlan,
        _ timeout: Duration?
    ) async -> MemcachedBatch<Void> {
        let outcomes = await core.stores(plan, timeout)
        // Where all have ended well nothing has to be found by its key again.
        if outcomes.allSatisfy(\.isSuccess) {
            return MemcachedBatch(outcomes: values.mapValues { _ in .success(()) })
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
        let plan = try core.plan(.deleteQuiet, keys, group)
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
        let plan = try core.plan(.touch, keys, group, extras: .expiration(expiration.wireValue()))
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
        let plan = try core.plan(.increment, keys, group, extras: extras)
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

extension ClientCore {
    /// A plan without stores in it.
    fileprivate func storePlan(
        _ expiration: MemcachedExpiration,
        _ group: MemcachedKey?,
        capacity: Int
    ) -> BatchPlan {
        BatchPlan(
            .setQuiet,
            extras: .store(flags: 0, expiration: expiration.wireValue()),
            namespace: configuration.namespace,
            group: group,
            capacity: capacity
        )
    }

    /// Adds a store to a plan, if it can be sent.
    fileprivate func add(
        _ key: MemcachedKey,
        _ payload: MemcachedPayload,
        to plan: inout BatchPlan
    ) throws(MemcachedError) {
        try add(key, to: &plan)
        plan.append(value: payload)
        try checkLast(of: plan)
    }

    /// Adds the store of a text to a plan, if it can be sent.
    fileprivate func add(_ key: MemcachedKey, _ text: String, to plan: inout BatchPlan) throws(MemcachedError) {
        try add(key, to: &plan)
        plan.append(value: text)
        try checkLast(of: plan)
    }

    private func checkLast(of plan: BatchPlan) throws(MemcachedError) {
        guard case .bytes(let limit) = configuration.limits.item else { return }
        try check(plan.request(plan.keys.count - 1), against: limit)
    }

    /// The text that is stored of a value as it is, with flags 0; nil where there is more to it.
    fileprivate func plainText<Value>(of value: Value) -> String? {
        guard storesPlainText else { return nil }
        return value as? String
    }

    /// Carries out stores.
    fileprivate func stores(_ plan: BatchPlan, _ timeout: Duration?) async -> Outcomes<Void> {
        await batch(plan, .quiet, deadline: deadline(timeout)) {
            [self] response, opcode, pool throws(MemcachedError) in
            if let response { try requireSuccess(response, opcode, pool) }
        }
    }
}
