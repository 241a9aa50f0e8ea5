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
        return await store(items, plan, core.deadline(timeout))
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
        let deadline = core.deadline(timeout)
        let (isDone, first) = try await storeAtOnce(values, expiration, group, deadline)
        if isDone { return MemcachedBatch(outcomes: values.mapValues { _ in .success(()) }) }
        var plan = core.storePlan(expiration, group, capacity: values.count)
        for (key, value) in values {
            if let text = core.plainText(of: value) {
                try core.add(key, text, to: &plan)
            } else {
                try core.add(key, try payload(of: value, .set), to: &plan)
            }
        }
        return await store(values, plan, deadline, after: first)
    }

    /// Stores texts that are stored as they are, if they fit into one window at one server that is up.
    ///
    /// They are encoded as they are taken out of the dictionary, and kept nowhere in between.
    ///
    /// - Parameters:
    ///   - values: The values by key.
    ///   - expiration: When the items shall go.
    ///   - group: The key that decides about the server.
    ///   - deadline: For all of it.
    /// - Returns: Whether all have been stored; if not, what became of them so far, in the dictionary's order.
    /// - Throws: ``MemcachedError`` before anything is sent, for a key or value that cannot be sent.
    @inline(__always)
    private func storeAtOnce<Value: Encodable & Sendable>(
        _ values: [MemcachedKey: Value],
        _ expiration: MemcachedExpiration,
        _ group: MemcachedKey?,
        _ deadline: NIODeadline
    ) async throws(MemcachedError) -> (isDone: Bool, first: FirstAttempt<GroupResponses>?) {
        guard Value.self == String.self, core.storesPlainText else { return (false, nil) }
        // They are of one type; a conditional cast of a dictionary would make another one.
        let texts = unsafeBitCast(values, to: [MemcachedKey: String].self)
        let extras = RequestExtras.store(flags: 0, expiration: expiration.wireValue())
        var refusal: MemcachedError?
        let end = await core.window(
            of: .setQuiet,
            count: texts.count,
            deadline: deadline,
            home: { topology in group.map { topology.home(of: $0) } ?? topology.home(ofAll: texts.keys) },
            encode: { firstOpaque in
                do throws(MemcachedError) {
                    return try core.encode(texts, extras, firstOpaque: firstOpaque)
                } catch {
                    refusal = error
                    return nil
                }
            }
        )
        if let refusal { throw refusal }
        switch end {
        case .settled: return (true, nil)
        case .open(let first): return (false, first)
        }
    }

    /// Carries out stores.
    ///
    /// - Parameters:
    ///   - values: What is stored, by key.
    ///   - plan: How, in the same order.
    ///   - deadline: For all of it.
    ///   - first: What became of it so far.
    /// - Returns: How each of them ended.
    @inline(__always)
    private func store<Value>(
        _ values: [MemcachedKey: Value],
        _ plan: BatchPlan,
        _ deadline: NIODeadline,
        after first: FirstAttempt<GroupResponses>? = nil
    ) async -> MemcachedBatch<Void> {
        let outcomes = await core.stores(plan, deadline, after: first)
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

    /// Encodes the stores of some texts, and the NOOP behind them.
    ///
    /// - Parameters:
    ///   - texts: The texts by key.
    ///   - extras: What each request says besides.
    ///   - firstOpaque: Opaques count up from here.
    /// - Returns: The requests; nil where they are no window that can be encoded as it is.
    /// - Throws: ``MemcachedError`` for a key that cannot be sent.
    fileprivate func encode(
        _ texts: [MemcachedKey: String],
        _ extras: RequestExtras,
        firstOpaque: UInt32
    ) throws(MemcachedError) -> Outbox? {
        guard
            takesKeysAsTheyAre, case .none = itemLimit,
            let head = RequestHead(
                opcode: .setQuiet,
                extras: extras,
                keyLength: 0,
                valueLength: 0,
                opaque: firstOpaque
            )
        else { return nil }
        let longest = RequestHead.maximumKeyLength - configuration.namespace.utf8.count
        var room = Outbox.largestCopiedValue
        while room <= BatchPlan.windowBytes {
            var outbox = Outbox(capacity: room + RequestHeader.byteCount)
            var refused: MemcachedKey?
            let isComplete = outbox.write(like: head, configuration.namespace, room: room) { writer in
                for (key, var text) in texts {
                    guard key.byteCount > 0, key.byteCount <= longest else {
                        refused = key
                        return false
                    }
                    guard text.utf8.count <= Outbox.largestCopiedValue else { return false }
                    let isWritten = text.withUTF8 { writer.write(key, value: UnsafeRawBufferPointer($0)) }
                    guard isWritten else { return false }
                }
                return true
            }
            if let refused { try check(refused, stored: refused, for: .setQuiet) }
            let noop = firstOpaque &+ UInt32(truncatingIfNeeded: texts.count)
            if isComplete { return outbox.append(Request(opcode: .noop), opaque: noop) ? outbox : nil }
            room *= 4
        }
        return nil
    }

    private var itemLimit: Int? {
        if case .bytes(let limit) = configuration.limits.item { limit } else { nil }
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
    fileprivate func stores(
        _ plan: BatchPlan,
        _ deadline: NIODeadline,
        after first: FirstAttempt<GroupResponses>?
    ) async -> Outcomes<Void> {
        await batch(plan, .quiet, deadline: deadline, after: first) {
            [self] response, opcode, pool throws(MemcachedError) in
            if let response { try requireSuccess(response, opcode, pool) }
        }
    }
}
