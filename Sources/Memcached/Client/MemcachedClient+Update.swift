import MemcachedWire

extension MemcachedClient {
    /// Changes a value as if nobody else could in between: reads it, lets `change` work on it, and stores it only if
    /// the item is still the one that was read; otherwise again (compare and swap).
    ///
    /// ```swift
    /// try await cache.update("cart:7", as: Cart.self, default: Cart()) { $0.items.append(item) }
    /// ```
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: What to read it as.
    ///   - defaultValue: What to begin with when there is no item; nil: then nothing happens.
    ///   - expiration: When the changed item shall go.
    ///   - tries: How often at most, at least 1.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long each of the operations may take; nil for the configured time.
    ///   - change: Changes the value. It may be called several times, each time with what is stored then.
    /// - Returns: The value that is stored now; nil when there was no item and no default.
    /// - Throws: What `change` throws, with nothing stored; ``MemcachedError``, with code
    ///   ``MemcachedError/Code/conflict`` when others were faster every time, and with
    ///   ``MemcachedError/Code/casUnavailable`` on a server without CAS.
    @discardableResult
    public func update<Value: Codable & Sendable>(
        _ key: MemcachedKey,
        as type: Value.Type,
        default defaultValue: Value? = nil,
        expiring expiration: MemcachedExpiration = .never,
        tries: Int = 16,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil,
        _ change: (inout Value) async throws -> Void
    ) async throws -> Value? {
        let tries = max(1, tries)
        for attempt in 1...tries {
            let item = try await get(key, routedBy: group, timeout: timeout)
            let stored = try item.map { try self.value(of: $0, as: type, .get, server(of: key, routedBy: group).label) }
            guard var value = stored ?? defaultValue else { return nil }
            try await change(&value)
            if try await store(value, under: key, insteadOf: item, expiration, group, timeout).isStored { return value }
            guard attempt < tries else { break }
            // Others are at it: step aside for a moment that grows and differs from theirs.
            try await Task.sleep(for: .microseconds(Int64.random(in: 0...(100 * Int64(min(attempt, 50))))))
        }
        throw MemcachedError(
            .conflict,
            "the item changed between reading and storing in each of \(tries) tries; try again later, or with more tries",
            server: server(of: key, routedBy: group).label,
            outcome: .rejected
        )
    }

    private func store<Value: Encodable & Sendable>(
        _ value: Value,
        under key: MemcachedKey,
        insteadOf item: MemcachedItem?,
        _ expiration: MemcachedExpiration,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        guard let item else {
            return try await add(key, value, expiring: expiration, routedBy: group, timeout: timeout)
        }
        guard let cas = item.cas else {
            throw MemcachedError(
                .casUnavailable,
                "the server keeps no CAS (-C), so a change cannot be made safely; nothing was stored",
                server: server(of: key, routedBy: group).label
            )
        }
        return try await replace(
            key,
            with: value,
            ifUnchangedSince: cas,
            expiring: expiration,
            routedBy: group,
            timeout: timeout
        )
    }

    /// Reads a value, or makes and stores it when there is none.
    ///
    /// Concurrent callers of one key in this client share one read and one `load`; its value, or its error, goes to
    /// all of them. Other processes may load at the same time; what the first of all stored stays. Storing is an
    /// extra: when it fails, the loaded value is returned all the same. A deadline around it (`withMemcachedDeadline`)
    /// bounds how long its caller waits, `load` included; the others have their own.
    ///
    /// ```swift
    /// let user = try await cache.getOrSet("user:42", as: User.self, expiring: .after(.seconds(300))) {
    ///     try await database.user(42)
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: What to read it as. Callers of one key have to agree on it.
    ///   - expiration: When a stored item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long each operation on memcached may take; nil for the configured time.
    ///   - load: Makes the value. It runs in a task of its own, which is cancelled when nobody waits for it any more.
    /// - Returns: The value that was there, or the one that was loaded.
    /// - Throws: What `load` throws; ``MemcachedError`` when reading fails; `CancellationError`.
    public func getOrSet<Value: Codable & Sendable>(
        _ key: MemcachedKey,
        as type: Value.Type,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil,
        _ load: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let shared = LoadKey(key: key, group: group, type: type)
        let payload = try await loads.value(for: shared, by: MemcachedDeadline.current) { [self] in
            if let item = try await get(key, routedBy: group, timeout: timeout) {
                return MemcachedPayload(bytes: item.value, flags: item.flags)
            }
            let payload = try self.payload(of: try await load(), .add)
            // The value is there whether or not it can be kept.
            _ = try? await add(
                key,
                payload.bytes,
                flags: payload.flags,
                expiring: expiration,
                routedBy: group,
                timeout: timeout
            )
            return payload
        }
        return try configuration.transcoder.value(type, of: payload)
    }
}

/// What one load is shared by.
struct LoadKey: Hashable, Sendable {
    private var key: MemcachedKey
    private var group: MemcachedKey?
    private var type: ObjectIdentifier

    init<Value>(key: MemcachedKey, group: MemcachedKey?, type: Value.Type) {
        self.key = key
        self.group = group
        self.type = ObjectIdentifier(type)
    }
}
