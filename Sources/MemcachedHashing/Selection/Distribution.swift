extension ServerSelection {
    /// How the hash of a key becomes one of the servers.
    public enum Distribution: Sendable, Hashable {
        /// The hash modulo the number of servers (`MEMCACHED_DISTRIBUTION_MODULA`).
        ///
        /// Weights do not count, and ejecting a server moves no key. Adding or removing a server moves nearly all.
        case modula
        /// A continuum with libmemcached's point names, `host-0` or `host:port-0` (`…_CONSISTENT`, `…_KETAMA`,
        /// `…_WEIGHTED`).
        case ketama(weights: Weights)
        /// A continuum with the point names of libmemcached's `…_KETAMA_SPY`, `/host:port-0`.
        ///
        /// Today's spymemcached names its points otherwise: for that client take ``spymemcached(_:weighted:)``.
        case spy(weights: Weights)
        /// The continuum of spymemcached's `KetamaConnectionFactory`: 160 points a server.
        case spymemcached(SpymemcachedNames, weighted: Bool)
        /// A bucket chosen by the low bits of the hash, and a map from buckets to servers
        /// (`MEMCACHED_DISTRIBUTION_VIRTUAL_BUCKET`).
        ///
        /// The number of buckets less one is a mask and not a divisor, as in libmemcached: unless it is a power of two,
        /// some buckets are never used. Without a map (an empty one) the servers are the buckets.
        case virtualBuckets([Int])
    }

    /// What the servers' weights do to a continuum.
    public enum Weights: Sendable, Hashable {
        /// Nothing: 100 points for every server, hashed like the keys.
        case ignored
        /// They share out about 160 MD5 points a server in proportion.
        case shareOutPoints
        /// As ``shareOutPoints`` once any server has a weight above 1, else as ``ignored``.
        ///
        /// What libmemcached does when servers are added after a consistent distribution was chosen.
        case shareOutPointsIfAny
    }

    /// The format in which spymemcached names points (`KetamaNodeKeyFormatter.Format`).
    public enum SpymemcachedNames: Sendable, Hashable {
        /// Its default, `host:port-0`, the port always there.
        ///
        /// Java writes a resolved name as `name/address:port`; give such a server that text as
        /// ``RingServer/pointName``.
        case hostAndPort
        /// Its format LIBMEMCACHED, the port left out when it is 11211.
        case libmemcached
    }
}

extension ServerSelection.Distribution {
    /// The distribution of a `server_selection.jsonl` row, or of anything that uses libmemcached's names.
    ///
    /// - Parameters:
    ///   - name: `modula`, `consistent`, `ketama`, `ketama_weighted`, `ketama_spy`, `virtual_bucket` or `spymemcached`;
    ///     anything else gives `nil`.
    ///   - weighted: whether the continuum is in its weighted state.
    ///   - buckets: the map of virtual buckets, empty for none.
    package init?(named name: String, weighted: Bool, buckets: [Int] = []) {
        let weights: ServerSelection.Weights = weighted ? .shareOutPoints : .ignored
        switch name {
        case "modula": self = .modula
        case "consistent", "ketama": self = .ketama(weights: weights)
        case "ketama_weighted": self = .ketama(weights: .shareOutPoints)
        case "ketama_spy": self = .spy(weights: weights)
        case "virtual_bucket": self = .virtualBuckets(buckets)
        case "spymemcached": self = .spymemcached(.hostAndPort, weighted: weighted)
        default: return nil
        }
    }
}
