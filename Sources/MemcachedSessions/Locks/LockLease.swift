import Memcached

/// How long a lock is known to be ours.
///
/// Time is an argument.
///
/// The server counts whole seconds and may let an item go almost a second early (an expiration of 2 s was seen to end
/// after 1.11 s), so the last second of a lease is not relied upon.
struct LockLease {
    /// What is not relied upon at the end of a lease.
    static let margin: Duration = .seconds(1)

    /// The CAS of the lock as last seen; nil on a server that keeps none.
    private(set) var cas: MemcachedCAS?
    private var reliableUntil: SessionTime.Instant
    private(set) var isLost = false

    /// - Parameters:
    ///   - cas: The CAS of the ADD.
    ///   - sent: When the ADD was sent: the lease began no earlier.
    ///   - lease: Its length.
    init(cas: MemcachedCAS?, sent: SessionTime.Instant, lease: Duration) {
        self.cas = cas
        self.reliableUntil = sent + lease - Self.margin
    }

    /// Whether the lock is ours for certain.
    func isHeld(at now: SessionTime.Instant) -> Bool { !isLost && now < reliableUntil }

    /// How long it is ours for certain; zero when it is not.
    func remaining(at now: SessionTime.Instant) -> Duration {
        isHeld(at: now) ? now.duration(to: reliableUntil) : .zero
    }

    /// The lock was stored again with a full lease.
    mutating func renew(cas: MemcachedCAS?, sent: SessionTime.Instant, lease: Duration) {
        self.cas = cas
        reliableUntil = max(reliableUntil, sent + lease - Self.margin)
        isLost = false
    }

    /// The lock was read and carries our token; how long it will live was not said.
    mutating func recognise(cas: MemcachedCAS?) {
        self.cas = cas
    }

    /// The lock is another's, or nobody's.
    mutating func lose() {
        isLost = true
    }
}
