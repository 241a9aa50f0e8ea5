import Memcached

/// One request's attempts to get a lock, as far as their answers may be lost or come too late.
///
/// An ADD whose answer nobody heard may have been carried out. While the claim is open, such a lock can be recognised
/// and used; once the claim has been given up it belongs to nobody and has to be deleted, by its CAS so that no other
/// lock can be meant.
struct LockClaim {
    private enum State {
        case open
        /// The lock with this CAS is held, or was; nil on a server that keeps none.
        case settled(MemcachedCAS?)
        case abandoned
    }

    /// What a claim that was given up may have left on the server.
    struct Leftovers: Equatable {
        /// Locks to delete.
        var strays: [MemcachedCAS]
        /// Whether, and when, to look for a lock that nobody has heard of.
        var look: Look
    }

    enum Look: Hashable {
        case never
        case now
        /// The server does not answer now.
        case later
    }

    private var state = State.open
    /// Locks of this claim that were granted to nobody's ears.
    private var strays: [MemcachedCAS] = []
    /// When the first ADD was sent whose answer was lost; nil while all were heard.
    private(set) var uncertainSince: SessionTime.Instant?
    /// Whether the server did not answer when it was asked what had become of an ADD.
    private(set) var isUnreachable = false

    /// The answer of an ADD was lost.
    ///
    /// - Parameter sent: When it was sent.
    mutating func lost(sent: SessionTime.Instant) {
        uncertainSince = uncertainSince ?? sent
    }

    /// Nor did the server say what had become of it.
    mutating func unreachable() {
        isUnreachable = true
    }

    /// An ADD of this claim was answered after its caller had stopped waiting.
    ///
    /// - Parameter cas: The lock's CAS.
    /// - Returns: The lock to delete; nil when the claim may still use it, or holds it.
    mutating func late(_ cas: MemcachedCAS) -> MemcachedCAS? {
        switch state {
        case .open:
            strays.append(cas)
            return nil
        case .settled(let held): return held == nil || held == cas ? nil : cas
        case .abandoned: return cas
        }
    }

    /// The lock is held.
    ///
    /// A late answer may speak of it, or of an ADD that was carried out when it had been given back.
    ///
    /// - Parameter cas: The CAS of the lock; nil on a server that keeps none.
    mutating func settle(_ cas: MemcachedCAS?) {
        guard case .open = state else { return }
        state = .settled(cas)
        strays = []
    }

    /// The claim is given up.
    ///
    /// - Returns: What it may have left on the server.
    mutating func abandon() -> Leftovers {
        guard case .open = state else { return Leftovers(strays: [], look: .never) }
        state = .abandoned
        defer { strays = [] }
        guard strays.isEmpty, uncertainSince != nil else { return Leftovers(strays: strays, look: .never) }
        return Leftovers(strays: [], look: isUnreachable ? .later : .now)
    }
}
