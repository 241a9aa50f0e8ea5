import MemcachedWire

extension MemcachedClient {
    /// Reads a value.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: What to read it as.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The value; nil when there is no item.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/decodingFailed`` when what is stored is no such value.
    public func get<Value: Decodable & Sendable>(
        _ key: MemcachedKey,
        as type: Value.Type,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> Value? {
        guard let (hit, pool) = try await core.hit(of: key, routedBy: group, timeout: timeout) else { return nil }
        return try value(of: hit, as: type, .get, pool)
    }

    /// Reads many values at once.
    ///
    /// - Parameters:
    ///   - keys: The keys; one that stands twice is read once.
    ///   - type: What to read them as.
    ///   - group: The key that decides about the server for all of them; nil for each key itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The values that were found, by key.
    /// - Throws: ``MemcachedError`` when a server could not be read or a value not decoded; misses are not errors.
    public func get<Value: Decodable & Sendable>(
        _ keys: some Sequence<MemcachedKey>,
        as type: Value.Type,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> [MemcachedKey: Value] {
        let plan = try core.plan(.getQuiet, keys, group)
        return try await values(plan, as: type, timeout)
    }

    #if compiler(>=6.3)
    @specialized(where Value == String)
    #endif
    private func values<Value: Decodable & Sendable>(
        _ plan: BatchPlan,
        as type: Value.Type,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> [MemcachedKey: Value] {
        try await found(plan, timeout) {
            // Text is copied when it is read.
            guard
                Value.self == String.self, $1 == 0, core.readsPlainText, let text = $0.withUnsafeBytes(PlainText.valid)
            else { return nil }
            return text as? Value
        } make: { hit throws(MemcachedError) in
            try value(of: hit, as: type, .get)
        }
    }

    /// Reads a value and gives its item a new expiration in the same step.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: What to read it as.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The value; nil when there is no item.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/decodingFailed`` when what is stored is no such value.
    public func getAndTouch<Value: Decodable & Sendable>(
        _ key: MemcachedKey,
        as type: Value.Type,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> Value? {
        let item = try await getAndTouch(key, expiring: expiration, routedBy: group, timeout: timeout)
        return try item.map { item throws(MemcachedError) in
            try value(of: item, as: type, .getAndTouch, server(of: key, routedBy: group).label)
        }
    }

    /// Stores a value, whether one is there or not.
    ///
    /// A value larger than the server takes fails *and removes* the item that was there before: that is what memcached
    /// does, unless ``MemcachedConfiguration/Limits/item`` knows the size.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: What to store.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The item's new CAS; nil when the server keeps none.
    /// - Throws: ``MemcachedError``.
    @discardableResult
    public func set<Value: Encodable & Sendable>(
        _ key: MemcachedKey,
        to value: Value,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedCAS? {
        let payload = try payload(of: value, .set)
        return try await set(
            key,
            to: payload.bytes,
            flags: payload.flags,
            expiring: expiration,
            routedBy: group,
            timeout: timeout
        )
    }

    /// Stores a value only if the item that is there has the CAS given (compare and swap).
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: What to store.
    ///   - cas: The CAS of the item that was read.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored; `exists` when the item has changed; `notFound` when it has gone.
    /// - Throws: ``MemcachedError``.
    public func set<Value: Encodable & Sendable>(
        _ key: MemcachedKey,
        to value: Value,
        ifUnchangedSince cas: MemcachedCAS,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        let payload = try payload(of: value, .set)
        return try await set(
            key,
            to: payload.bytes,
            ifUnchangedSince: cas,
            flags: payload.flags,
            expiring: expiration,
            routedBy: group,
            timeout: timeout
        )
    }

    /// Stores a value only if there is none.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: What to store.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored, or `exists`.
    /// - Throws: ``MemcachedError``. After outcome ``MemcachedError/Outcome/unknown`` it may have been stored.
    public func add<Value: Encodable & Sendable>(
        _ key: MemcachedKey,
        _ value: Value,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        let payload = try payload(of: value, .add)
        return try await add(
            key,
            payload.bytes,
            flags: payload.flags,
            expiring: expiration,
            routedBy: group,
            timeout: timeout
        )
    }

    /// Stores a value only if there is one, with the CAS given if one is.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: What to store.
    ///   - cas: The CAS of the item that was read; nil to replace any.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored, `notFound`, or `exists` when the item has changed.
    /// - Throws: ``MemcachedError``.
    public func replace<Value: Encodable & Sendable>(
        _ key: MemcachedKey,
        with value: Value,
        ifUnchangedSince cas: MemcachedCAS? = nil,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        let payload = try payload(of: value, .replace)
        return try await replace(
            key,
            with: payload.bytes,
            ifUnchangedSince: cas,
            flags: payload.flags,
            expiring: expiration,
            routedBy: group,
            timeout: timeout
        )
    }

    /// The value of a hit.
    ///
    /// - Parameters:
    ///   - hit: What the server answered.
    ///   - type: What to read it as.
    ///   - opcode: Which operation that was, for errors.
    ///   - server: From which server, likewise, and looked up for one only; nil where there may have been several.
    /// - Returns: The value.
    /// - Throws: ``MemcachedError`` when it is no such value.
    @inline(__always)
    func value<Value: Decodable & Sendable>(
        of hit: Response,
        as type: Value.Type,
        _ opcode: Opcode,
        _ server: ServerPool? = nil
    ) throws(MemcachedError) -> Value {
        // Text is copied when it is read, so the bytes need not be the caller's own.
        if Value.self == String.self, hit.flags == 0, core.readsPlainText,
            let text = PlainText.valid(hit.value), let value = text as? Value
        {
            return value
        }
        return try transcoded(hit, as: type, opcode, server)
    }

    /// Apart, so that what is done for one value in a thousand does not weigh upon the others.
    @inline(never)
    private func transcoded<Value: Decodable & Sendable>(
        _ hit: Response,
        as type: Value.Type,
        _ opcode: Opcode,
        _ server: ServerPool?
    ) throws(MemcachedError) -> Value {
        try value(of: hit.item, as: type, opcode, server?.server.label)
    }

    /// The value of an item.
    ///
    /// - Parameters:
    ///   - item: What an operation has read.
    ///   - type: What to read it as.
    ///   - opcode: Which operation that was, for errors.
    ///   - server: From which server, likewise, and looked up for one only; nil where there may have been several.
    /// - Returns: The value.
    /// - Throws: ``MemcachedError`` when it is no such value.
    func value<Value: Decodable & Sendable>(
        of item: MemcachedItem,
        as type: Value.Type,
        _ opcode: Opcode,
        _ server: @autoclosure () -> String? = nil
    ) throws(MemcachedError) -> Value {
        do throws(MemcachedError) {
            return try configuration.transcoder.value(type, of: MemcachedPayload(bytes: item.value, flags: item.flags))
        } catch {
            throw error.with(operation: opcode.description, server: server())
        }
    }

    /// What is stored of a value.
    func payload<Value: Encodable & Sendable>(
        of value: Value,
        _ opcode: Opcode
    ) throws(MemcachedError) -> MemcachedPayload {
        do throws(MemcachedError) {
            return try configuration.transcoder.payload(of: value)
        } catch {
            throw error.with(operation: opcode.description)
        }
    }
}
