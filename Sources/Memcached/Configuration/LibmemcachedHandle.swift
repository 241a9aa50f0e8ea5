import MemcachedHashing

/// What the order of calls makes of a libmemcached handle's way to place keys (`hashing.md` section 2).
///
/// A weight above 1 turns a consistent continuum into the weighted one, choosing the distribution turns it back, and a
/// hash that is set after the last server hashes keys but not points.
struct LibmemcachedHandle {
    /// `MEMCACHED_BEHAVIOR_HASH`.
    var hash = ServerSelection.KeyHash.oneAtATime
    private var isConsistent = false
    private var isWeighted = false
    private var pointHash = ServerSelection.KeyHash.oneAtATime

    /// `memcached_server_add_with_weight`.
    mutating func addServer(weight: UInt32) {
        if isConsistent, weight > 1 { isWeighted = true }
        pointHash = hash
    }

    /// `MEMCACHED_BEHAVIOR_DISTRIBUTION`.
    mutating func setConsistent(_ isConsistent: Bool) {
        self.isConsistent = isConsistent
        guard isConsistent else { return }
        isWeighted = false
        pointHash = hash
    }

    /// How the handle places keys.
    var selection: ServerSelection {
        guard isConsistent else { return .libmemcached(.modula, hash: hash) }
        return ServerSelection(
            keyHash: hash,
            distribution: .ketama(weights: isWeighted ? .shareOutPoints : .ignored),
            pointHash: isWeighted || pointHash == hash ? nil : pointHash
        )
    }
}
