import MemcachedWire
public import NIOCore

extension MemcachedClient {
    /// Stores an item, whether one is there or not.
    ///
    /// A value larger than the server takes fails *and removes* the item that was there before: that is what memcached
    /// does.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The bytes.
    ///   - flags: A word to keep beside the value.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The item's new CAS; nil when the server keeps none.
    /// - Throws: ``MemcachedError``.
    @discardableResult
    public func set(
        _ key: MemcachedKey,
        to value: ByteBuffer,
        flags: UInt32 = 0,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedCAS? {
        let payload = MemcachedPayload(bytes: value, flags: flags)
        return try await core.store(payload, as: key, expiring: expiration, routedBy: group, timeout: timeout)
    }

    /// Stores an item only if the one that is there has the CAS given (compare and swap).
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The bytes.
    ///   - cas: The CAS of the item that was read.
    ///   - flags: A word to keep beside the value.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored; `exists` when the item has changed; `notFound` when it has gone.
    /// - Throws: ``MemcachedError``.
    public func set(
        _ key: MemcachedKey,
        to value: ByteBuffer,
        ifUnchangedSince cas: MemcachedCAS,
        flags: UInt32 = 0,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        try await store(.set, key, value, flags, expiration, cas, group, timeout)
    }

    /// Stores an item only if there is none.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The bytes.
    ///   - flags: A word to keep beside the value.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored, or `exists`.
    /// - Throws: ``MemcachedError``. After outcome ``MemcachedError/Outcome/unknown`` it may have been stored.
    public func add(
        _ key: MemcachedKey,
        _ value: ByteBuffer,
        flags: UInt32 = 0,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        try await store(.add, key, value, flags, expiration, nil, group, timeout)
    }

    /// Stores an item only if there is one, with the CAS given if one is.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - value: The bytes.
    ///   - cas: The CAS of the item that was read; nil to replace any.
    ///   - flags: A word to keep beside the value.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored, `notFound`, or `exists` when the item has changed.
    /// - Throws: ``MemcachedError``.
    public func replace(
        _ key: MemcachedKey,
        with value: ByteBuffer,
        ifUnchangedSince cas: MemcachedCAS? = nil,
        flags: UInt32 = 0,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        try await store(.replace, key, value, flags, expiration, cas, group, timeout)
    }

    private func store(
        _ opcode: Opcode,
        _ key: MemcachedKey,
        _ value: ByteBuffer,
        _ flags: UInt32,
        _ expiration: MemcachedExpiration,
        _ cas: MemcachedCAS?,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        let request = try core.request(
            opcode,
            key,
            extras: .store(flags: flags, expiration: expiration.wireValue()),
            cas: cas,
            value: value
        )
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        return try core.storeResult(response, opcode, pool, isConditional: cas != nil)
    }
}
