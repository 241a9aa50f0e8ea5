import MemcachedWire
import NIOCore

/// Text, which is what is stored most, without the detour of code for any type.
///
/// The same as the generic forms in every respect; the compiler takes these where a value is known to be a `String`.
extension MemcachedClient {
    /// Reads a text.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - type: `String.self`.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The text; nil when there is no item.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/decodingFailed`` when what is stored is no text.
    public func get(
        _ key: MemcachedKey,
        as type: String.Type,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> String? {
        guard let (hit, pool) = try await core.hit(of: key, routedBy: group, timeout: timeout) else { return nil }
        return try value(of: hit, as: type, .get, pool)
    }

    /// Stores a text, whether an item is there or not.
    ///
    /// A value larger than the server takes fails *and removes* the item that was there before: that is what memcached
    /// does, unless ``MemcachedConfiguration/Limits/item`` knows the size.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - text: What to store.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The item's new CAS; nil when the server keeps none.
    /// - Throws: ``MemcachedError``.
    @discardableResult
    public func set(
        _ key: MemcachedKey,
        to text: String,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedCAS? {
        let payload =
            core.storesPlainText
            ? MemcachedPayload(bytes: ByteBuffer(string: text), flags: 0) : try payload(of: text, .set)
        return try await core.store(payload, as: key, expiring: expiration, routedBy: group, timeout: timeout)
    }
}
