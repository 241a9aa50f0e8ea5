import MemcachedWire

extension MemcachedClient {
    /// Removes an item.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Whether there was one.
    /// - Throws: ``MemcachedError``.
    @discardableResult
    public func delete(
        _ key: MemcachedKey,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> Bool {
        let request = try core.request(.delete, key)
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        return try core.wasFound(response, .delete, pool)
    }

    /// Removes an item only if it has the CAS given.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - cas: The CAS of the item that was read or stored.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Deleted; `exists` when it has changed; `notFound` when it has gone.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/casUnavailable`` on a server without CAS.
    public func delete(
        _ key: MemcachedKey,
        ifUnchangedSince cas: MemcachedCAS,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedDeleteResult {
        let request = try core.request(.delete, key, cas: cas)
        let deadline = core.deadline(timeout)
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        try await core.requireCAS(behindRefusal: response, .delete, pool, deadline)
        return try core.deleteResult(response, .delete, pool)
    }

    /// Gives an item a new expiration.
    ///
    /// Its CAS stays.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: Whether there is one.
    /// - Throws: ``MemcachedError``.
    public func touch(
        _ key: MemcachedKey,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> Bool {
        let request = try core.request(.touch, key, extras: .expiration(expiration.wireValue()))
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        return try core.wasFound(response, .touch, pool)
    }
}
