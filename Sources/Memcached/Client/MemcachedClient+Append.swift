import MemcachedWire
public import NIOCore

extension MemcachedClient {
    /// Adds bytes behind the value that is there.
    ///
    /// Flags and expiration stay.
    ///
    /// - Parameters:
    ///   - value: The bytes to add.
    ///   - key: The key.
    ///   - cas: The CAS of the item that was read; nil to extend any.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored; `notStored` when there is no item or the sum is too large; `exists` when it has changed.
    /// - Throws: ``MemcachedError``. After outcome ``MemcachedError/Outcome/unknown`` the bytes may have been added.
    public func append(
        _ value: ByteBuffer,
        to key: MemcachedKey,
        ifUnchangedSince cas: MemcachedCAS? = nil,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        try await extend(.append, key, value, cas, group, timeout)
    }

    /// Adds bytes before the value that is there.
    ///
    /// Flags and expiration stay.
    ///
    /// - Parameters:
    ///   - value: The bytes to add.
    ///   - key: The key.
    ///   - cas: The CAS of the item that was read; nil to extend any.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Stored; `notStored` when there is no item or the sum is too large; `exists` when it has changed.
    /// - Throws: ``MemcachedError``. After outcome ``MemcachedError/Outcome/unknown`` the bytes may have been added.
    public func prepend(
        _ value: ByteBuffer,
        to key: MemcachedKey,
        ifUnchangedSince cas: MemcachedCAS? = nil,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        try await extend(.prepend, key, value, cas, group, timeout)
    }

    private func extend(
        _ opcode: Opcode,
        _ key: MemcachedKey,
        _ value: ByteBuffer,
        _ cas: MemcachedCAS?,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedStoreResult {
        let request = try core.request(opcode, key, cas: cas, value: value)
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        return try core.storeResult(response, opcode, pool, isConditional: cas != nil)
    }
}
