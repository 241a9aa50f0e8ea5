import Memcached

/// One request's attempts to get a lock, as far as their answers may come too late.
///
/// An ADD whose answer nobody waited for may have been carried out. If the claim has been given up by then, that lock
/// belongs to nobody and has to be deleted, by its CAS so that no other lock can be meant.
struct LockClaim {
    private enum State {
        case open
        case settled
        case abandoned
    }

    private var state = State.open
    /// Locks of this claim that were granted to nobody's ears.
    private var strays: [MemcachedCAS] = []

    /// An ADD of this claim was answered after its caller had stopped waiting.
    ///
    /// - Returns: The lock to delete; nil when the claim may still use it, or holds it.
    mutating func late(_ cas: MemcachedCAS) -> MemcachedCAS? {
        switch state {
        case .open:
            strays.append(cas)
            return nil
        case .settled: return nil
        case .abandoned: return cas
        }
    }

    /// The lock is held; all attempts carried the same token, so a late answer can only speak of this lock.
    mutating func settle() {
        guard case .open = state else { return }
        state = .settled
        strays = []
    }

    /// The claim is given up.
    ///
    /// - Returns: Locks to delete.
    mutating func abandon() -> [MemcachedCAS] {
        guard case .open = state else { return [] }
        state = .abandoned
        defer { strays = [] }
        return strays
    }
}
