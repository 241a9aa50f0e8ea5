import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Reads an item.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - group: The key that decides about the server, where several keys shall stay together; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The item with value, flags and CAS; nil when there is none.
    /// - Throws: ``MemcachedError``.
    public func get(
        _ key: MemcachedKey,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedItem? {
        let request = try core.request(.get, key)
        return try await fetch(request, key, group, timeout)
    }

    /// Reads an item and gives it a new expiration in the same step.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The item; nil when there is none.
    /// - Throws: ``MemcachedError``.
    public func getAndTouch(
        _ key: MemcachedKey,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedItem? {
        let request = try core.request(.getAndTouch, key, extras: .expiration(expiration.wireValue()))
        return try await fetch(request, key, group, timeout)
    }

    private func fetch(
        _ request: Request,
        _ key: MemcachedKey,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedItem? {
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        return try core.item(response, request.opcode, pool)
    }
}
