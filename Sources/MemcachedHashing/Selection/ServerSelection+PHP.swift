extension ServerSelection {
    /// PHP's session handler with its defaults: `memcached.sess_consistent_hash_type = ketama`.
    ///
    /// 100 points a server, one-at-a-time for points and keys; the weights in the save path are ignored. The session id
    /// is hashed without the prefix `memc.sess.key.`, and so is `lock.<id>`.
    public static let phpSession = phpSession(.ketama)

    /// PHP's session handler (php-memcached 3).
    ///
    /// - Parameter mode: what `memcached.sess_consistent_hash` and `memcached.sess_consistent_hash_type` say.
    /// - Returns: the selection that finds PHP's sessions and locks.
    public static func phpSession(_ mode: PHPSessionDistribution) -> ServerSelection {
        switch mode {
        case .ketama: libmemcached(.ketama(weights: .ignored))
        case .ketamaWeighted: libmemcached(.ketama(weights: .shareOutPoints))
        case .off: libmemcached(.modula)
        }
    }

    /// How PHP's session handler spreads sessions; the raw value is the word of `memcached.sess_consistent_hash_type`.
    public enum PHPSessionDistribution: String, Sendable, Hashable, CaseIterable {
        /// The default of php-memcached 3.
        case ketama
        /// MD5 points by weight; what php-memcached 2 did when consistent hashing was on.
        case ketamaWeighted = "ketama_weighted"
        /// `memcached.sess_consistent_hash = 0`: modula, the default of php-memcached 2.
        case off
    }

    /// A PHP `Memcached` object.
    ///
    /// PHP's order matters. `OPT_DISTRIBUTION = DISTRIBUTION_CONSISTENT` and then `OPT_LIBKETAMA_COMPATIBLE = true` is
    /// `.phpMemcached(.libketamaCompatible)`; the other order is `.phpMemcached(.consistent, hash: .md5)`.
    ///
    /// - Parameters:
    ///   - distribution: what the options set in the end.
    ///   - hash: `Memcached::OPT_HASH`; `nil` when it is not set.
    ///   - serversAddedFirst: whether `addServers` came before `OPT_DISTRIBUTION`. Then weights do not count under
    ///     `.consistent`; in the usual order a weight above 1 turns the whole continuum into the weighted one.
    /// - Returns: the selection that finds what such an object stored.
    public static func phpMemcached(
        _ distribution: PHPMemcachedDistribution = .modula,
        hash: KeyHash? = nil,
        serversAddedFirst: Bool = false
    ) -> ServerSelection {
        switch distribution {
        case .modula: libmemcached(.modula, hash: hash)
        case .consistent where serversAddedFirst: libmemcached(.ketama(weights: .ignored), hash: hash)
        case .consistent: libmemcached(.ketama(weights: .shareOutPointsIfAny), hash: hash)
        case .libketamaCompatible: libmemcached(.ketama(weights: .shareOutPoints), hash: hash)
        case .virtualBuckets(let map): libmemcached(.virtualBuckets(map), hash: hash)
        }
    }

    /// The distribution of a PHP `Memcached` object.
    public enum PHPMemcachedDistribution: Sendable, Hashable {
        /// `DISTRIBUTION_MODULA`, what an object starts with.
        case modula
        /// `DISTRIBUTION_CONSISTENT`, or `memcached.default_consistent_hash = 1`.
        case consistent
        /// `OPT_LIBKETAMA_COMPATIBLE = true`.
        case libketamaCompatible
        /// `setBucket` with this map from buckets to servers.
        case virtualBuckets([Int])
    }
}
