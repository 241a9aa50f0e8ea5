/// Something that happened to a session and that is worth counting.
///
/// It holds no session id and no value.
///
/// ```swift
/// configuration.onEvent = { event in
///     switch event.kind {
///     case .held: holdTimer.record(event.duration ?? .zero)
///     case .missing: missingCounter.increment()
///     default: break
///     }
/// }
/// ```
public struct MemcachedSessionEvent: Hashable, Sendable {
    /// What happened: an open set, so that a `switch` over it needs a default.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        private init(_ name: String) {
            self.name = name
        }

        /// The name of the kind, also fit for a metric label: there are few and they are fixed.
        public var description: String { name }

        /// A session's lock was given back; ``MemcachedSessionEvent/duration`` says how long it was held.
        public static let held = Kind("held")
        /// A client brought a well-formed id and the key's own server has no session under it: it has run out, was
        /// evicted or destroyed, or never was.
        public static let missing = Kind("missing")
        /// A session that was in use was gone when it was to be stored or prolonged; nothing was stored.
        public static let lost = Kind("lost")
        /// A lock ran out, or was taken away, while its session was in use.
        public static let lockLost = Kind("lockLost")
        /// A session was destroyed although another request held its lock.
        public static let destroyedWithoutLock = Kind("destroyedWithoutLock")
        /// A session that had been destroyed without its lock was there again, and was not used.
        public static let revived = Kind("revived")
    }

    /// What happened.
    public let kind: Kind
    /// The route that the request named, if it named one.
    public let route: String?
    /// How long, where that is what it is about.
    public let duration: Duration?

    init(_ kind: Kind, route: String? = nil, duration: Duration? = nil) {
        self.kind = kind
        self.route = route
        self.duration = duration
    }
}
