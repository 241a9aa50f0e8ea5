import Memcached

/// What a read of a session found.
struct SessionRead: Sendable {
    /// The session; nil when the key's own server said that there is none, or when it is revoked.
    var item: MemcachedItem?
    /// The CAS of what is stored although it is revoked.
    var revived: MemcachedCAS?
    /// Whether the session was destroyed a short while ago by somebody who did not have its lock.
    var isRevoked: Bool

    /// Whether the session has to be stored again even if it does not change: it was sealed with an old key.
    var isOutdated = false

    /// Takes the answers to ``SessionCore/readCommands(_:)``, or throws the first that is none.
    init(_ replies: some Sequence<Result<MemcachedReply, MemcachedError>>) throws(MemcachedError) {
        var first: MemcachedItem??
        var isRevoked = false
        for reply in replies {
            let item = try reply.get().item()
            if first == nil { first = .some(item) } else if item != nil { isRevoked = true }
        }
        guard let item = first else { throw MemcachedReply.unexpected }
        self.isRevoked = isRevoked
        self.item = isRevoked ? nil : item
        revived = isRevoked ? item?.cas : nil
    }
}
