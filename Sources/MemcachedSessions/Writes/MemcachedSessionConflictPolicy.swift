/// What to do when another request changed a session between reading and writing.
///
/// Under the lock only those can do so who write without it: PHP when its own lock has run out, and everybody where
/// locking is off.
public enum MemcachedSessionConflictPolicy: Hashable, Sendable {
    /// Throw ``MemcachedSessionError/Code/conflict``; the other's change stays.
    case fail
    /// Read the session again and run the closure again with it, so often in all; then throw.
    ///
    /// Only for closures that may run more than once.
    case retrying(attempts: Int)

    /// Run the closure up to three times.
    public static let retrying = MemcachedSessionConflictPolicy.retrying(attempts: 3)

    /// How often the closure may run.
    var attempts: Int {
        switch self {
        case .fail: 1
        case .retrying(let attempts): max(1, attempts)
        }
    }
}
