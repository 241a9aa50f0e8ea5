/// What a request's session led to: the closure's value, and what the cookie has to become.
public struct MemcachedSessionOutcome<Value> {
    /// What the closure returned.
    public var value: Value
    /// What to do with the session cookie.
    public var cookie: MemcachedSessionCookie
    /// Whether the session could not be stored because the cache is down (fail-open).
    public var isUnsaved: Bool
    /// How the session was destroyed, if it was.
    public var destruction: MemcachedSessionDestruction?

    init(
        value: Value,
        cookie: MemcachedSessionCookie,
        isUnsaved: Bool = false,
        destruction: MemcachedSessionDestruction? = nil
    ) {
        self.value = value
        self.cookie = cookie
        self.isUnsaved = isUnsaved
        self.destruction = destruction
    }
}

extension MemcachedSessionOutcome: Sendable where Value: Sendable {}

/// What a response has to do with the session cookie.
///
/// Printing one does not show the id.
public enum MemcachedSessionCookie: Hashable, Sendable {
    /// Nothing: send no `Set-Cookie`.
    case keep
    /// Set the cookie to this id.
    case set(String)
    /// Expire the cookie: the session was destroyed.
    case clear
}

extension MemcachedSessionCookie: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What to do, without the id.
    public var description: String {
        switch self {
        case .keep: "keep"
        case .set: "set(<redacted>)"
        case .clear: "clear"
        }
    }
    /// What to do, without the id.
    public var debugDescription: String { description }
    /// Without children, so that `dump` does not show the id either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
