/// How a session was destroyed.
public enum MemcachedSessionDestruction: Hashable, Sendable {
    /// While its lock was held: nobody else was busy with it.
    case underLock
    /// Without its lock, because another request did not let go of it in time, or because locking is off.
    ///
    /// The session is gone, and Swift processes do not take it for a session for
    /// ``MemcachedSessionConfiguration/revocation`` even if that other request stores it again, as PHP does. A PHP
    /// process that reads it in that time does.
    case withoutLock
}
