import Memcached

extension MemcachedSessionConfiguration {
    /// Whether PHP may have these sessions too: the prefix is PHP's, or was said to PHP as well.
    var isSharedWithPHP: Bool { prefix == Self.defaultPrefix || hasPrefixOfPHP }

    /// Checks that the settings make sense; the handler does so when it is made.
    ///
    /// - Throws: ``MemcachedSessionError`` with code ``MemcachedSessionError/Code/invalidConfiguration`` that names the
    ///   setting.
    public func validate() throws(MemcachedSessionError) {
        func require(_ condition: Bool, _ advice: String) throws(MemcachedSessionError) {
            guard condition else { throw MemcachedSessionError(.invalidConfiguration, advice) }
        }
        do throws(MemcachedError) {
            try client.validate()
        } catch {
            throw MemcachedSessionError(.invalidConfiguration, error.detail, cause: error)
        }
        try require(
            prefix.utf8.allSatisfy { (0x21...0x7E).contains($0) },
            "prefix has to be of printable ASCII characters without blanks"
        )
        try require([4, 5, 6].contains(ids.bitsPerCharacter), "ids.bitsPerCharacter has to be 4, 5 or 6")
        let longest = SessionID.maximumLength(prefix: prefix)
        try require(
            longest >= SessionID.minimumLength,
            "prefix is too long: with \"lock.\" and an id of \(SessionID.minimumLength) characters it has to fit into 250 bytes"
        )
        try require(
            (SessionID.minimumLength...longest).contains(ids.length),
            "ids.length has to be from \(SessionID.minimumLength) to \(longest)"
        )
        try require(
            ids.length * ids.bitsPerCharacter >= 128,
            "ids.length and ids.bitsPerCharacter have to make at least 128 random bits, for example 32 and 4"
        )
        if case .after(let lifetime) = lifetime {
            try require(
                lifetime >= .seconds(1),
                "lifetime has to be at least 1 s; write .never for sessions without end"
            )
        }
        try cookie.validate()
        try sealing?.validate(prefix: prefix, isSharedWithPHP: isSharedWithPHP)
        try require((0...100).contains(replicas), "replicas has to be from 0 to 100")
        let keepsInPlace =
            client.placement == .byKey && client.failures.policy == .keep
            && client.failures.flushesReturningServersAfter == nil
        try require(
            keepsInPlace || sessionsMayBeLost,
            "client.placement .equivalent, client.failures other than .keep (memcached.sess_remove_failed_servers) and "
                + "emptied servers lose sessions and split them; leave sessions in place, or set sessionsMayBeLost"
        )
        try require(maximumBytes > 0, "maximumBytes has to be at least 1")
        func requireDuration(_ duration: Duration, _ name: String) throws(MemcachedSessionError) {
            try require(duration > .zero, "\(name) has to be more than zero")
            try require(duration <= .seconds(86_400), "\(name) has to be at most a day")
        }
        try requireDuration(locking.minimumWait, "locking.minimumWait")
        try requireDuration(locking.maximumWait, "locking.maximumWait")
        try requireDuration(locking.timeout, "locking.timeout")
        try requireDuration(locking.lease, "locking.lease")
        try requireDuration(locking.releaseTimeout, "locking.releaseTimeout")
        try require(revocation >= .zero && revocation <= .seconds(86_400), "revocation has to be from 0 s to a day")
        try require(locking.lease >= .seconds(3), "locking.lease has to be at least 3 s: servers count whole seconds")
        try require(locking.retries >= 0, "locking.retries cannot be negative")
        try require(locking.maximumWaiters >= 0, "locking.maximumWaiters cannot be negative")
    }
}
