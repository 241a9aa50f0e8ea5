public import NIOCore

extension MemcachedClient {
    /// Stores a token under a key if there is nothing yet, and finds out what happened when the answer is lost.
    ///
    /// An ADD whose answer is lost may or may not have been carried out. With a token that nobody else uses, reading
    /// the key back tells: that is what this does, so that a lock is either taken or not.
    ///
    /// ```swift
    /// let token = ByteBuffer(string: UUID().uuidString)
    /// guard case .claimed(let cas) = try await cache.claim("lock:7", with: token, expiring: .after(.seconds(10))) else {
    ///     return                                                       // somebody else has it
    /// }
    /// defer { … }                                                      // give it back with delete(_:ifUnchangedSince:)
    /// ```
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - token: Bytes that no other caller uses, ever.
    ///   - expiration: When the claim shall end by itself.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long each of the operations may take; nil for the configured time.
    /// - Returns: Whether the token stands under the key now, with the item's CAS.
    /// - Throws: ``MemcachedError``; with outcome ``MemcachedError/Outcome/unknown`` only when reading back failed too.
    public func claim(
        _ key: MemcachedKey,
        with token: ByteBuffer,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedClaim {
        do throws(MemcachedError) {
            let result = try await add(key, token, expiring: expiration, routedBy: group, timeout: timeout)
            return result.isStored ? .claimed(result.cas) : .taken
        } catch {
            guard error.outcome == .unknown, error.code != .cancelled else { throw error }
            let found: MemcachedItem?
            do throws(MemcachedError) {
                found = try await get(key, routedBy: group, timeout: timeout)
            } catch {
                throw error.with(outcome: .unknown)
            }
            guard let found else {
                // Not there: the ADD never arrived, or may still be on its way on a connection that is given up.
                throw error
            }
            return found.value == token ? .claimed(found.cas) : .taken
        }
    }
}

/// Whether a key could be claimed.
public enum MemcachedClaim: Hashable, Sendable {
    /// The token stands under the key; the item's CAS, nil when the server keeps none.
    case claimed(MemcachedCAS?)
    /// Something else does.
    case taken
}
