/// How a session gets another id.
enum SessionRenaming: Hashable, Sendable {
    /// The old one is gone at once.
    case now
    /// The old one can be read for a while.
    case leavingOld(for: Duration)
}
