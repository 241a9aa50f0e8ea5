extension ServerSelection {
    /// The selection of this package unless told otherwise: libmemcached's weighted ketama with MD5.
    ///
    /// It is the one continuum that libmemcached (`KETAMA_WEIGHTED`), PHP (`OPT_LIBKETAMA_COMPATIBLE`), pylibmc
    /// (`ketama_weighted`) and spymemcached (names in the format LIBMEMCACHED) share. When all weights are equal and there
    /// are 25, 47, 50, 55, 61, 71, 94 or 100 servers, the arithmetic of the C clients gives each 156 points instead of
    /// 160, and so does this; unweighted spymemcached always has 160.
    public static let `default` = libmemcached(.ketama(weights: .shareOutPoints))

    /// A libmemcached handle.
    ///
    /// - Parameters:
    ///   - distribution: `MEMCACHED_BEHAVIOR_DISTRIBUTION`. A handle starts with `.modula`; `KETAMA` is
    ///     `.ketama(weights: .ignored)` when set after the servers were added and
    ///     `.ketama(weights: .shareOutPointsIfAny)` when set before; `KETAMA_WEIGHTED` is
    ///     `.ketama(weights: .shareOutPoints)`.
    ///   - hash: `MEMCACHED_BEHAVIOR_HASH`. `nil` leaves what the distribution sets: MD5 with `.shareOutPoints`, else
    ///     one-at-a-time. `MEMCACHED_BEHAVIOR_KETAMA_HASH` has no effect in libmemcached and none here.
    /// - Returns: the selection that finds what such a handle stored.
    public static func libmemcached(_ distribution: Distribution = .modula, hash: KeyHash? = nil) -> ServerSelection {
        let hashOfDistribution: KeyHash =
            switch distribution {
            case .ketama(.shareOutPoints), .spy(.shareOutPoints), .spymemcached: .md5
            case .modula, .ketama, .spy, .virtualBuckets: .oneAtATime
            }
        return ServerSelection(keyHash: hash ?? hashOfDistribution, distribution: distribution)
    }

    /// pylibmc with the behaviour that its manual and MemCachier's recommend, `{"ketama": True}`.
    public static let pylibmc = pylibmc(.ketama)

    /// pylibmc.
    ///
    /// pylibmc takes the brackets off an IPv6 address, so list such a server without them.
    ///
    /// - Parameters:
    ///   - behavior: which of the distribution behaviours is set.
    ///   - hash: the behaviour `hash`, `nil` when it is not set.
    /// - Returns: the selection that finds what such a client stored.
    public static func pylibmc(_ behavior: PylibmcDistribution, hash: KeyHash? = nil) -> ServerSelection {
        // pylibmc sets the behaviours first and adds the servers then.
        switch behavior {
        case .none: libmemcached(.modula, hash: hash)
        case .ketama: libmemcached(.ketama(weights: .shareOutPointsIfAny), hash: hash)
        case .ketamaWeighted: libmemcached(.ketama(weights: .shareOutPoints), hash: hash)
        }
    }

    /// The behaviour of pylibmc that sets its distribution.
    public enum PylibmcDistribution: Sendable, Hashable {
        /// No behaviour: modula.
        case none
        /// `"ketama": True`, or `"distribution": "consistent"` (or `"consistent_ketama"`).
        case ketama
        /// `"ketama_weighted": True`.
        case ketamaWeighted
    }
}
