import Memcached
import NIOCore

/// Where a request's session comes from.
enum SessionOrigin: Sendable {
    /// The request brought no id, or a text that is none. Nothing was asked of the cache.
    case new
    /// Strict mode: the key's own server said that there is no session under the id. Nothing is stored under it.
    case refused
    /// The same without strict mode: the session will be stored under this id.
    case adopted(SessionID)
    /// A stored session.
    case stored(SessionID, MemcachedItem, MemcachedCAS?)
    /// The cache is down and the request goes on without it.
    case unavailable
}

/// A session as a request found it, with its lock if it is locked.
struct OpenedSession: Sendable {
    var origin: SessionOrigin
    var lock: SessionLock?
    /// Whether it has to be stored again even if it does not change.
    var isOutdated = false

    /// The id under which the session is stored.
    var storedID: SessionID? {
        if case .stored(let id, _, _) = origin { id } else { nil }
    }

    /// The id under which the session will be stored if anything is.
    var adoptedID: SessionID? {
        if case .adopted(let id) = origin { id } else { nil }
    }

    /// The bytes that were read; none when nothing is stored.
    var bytes: ByteBuffer {
        if case .stored(_, let item, _) = origin { item.value } else { ByteBuffer() }
    }

    var isNew: Bool { storedID == nil }

    var isUnavailable: Bool {
        if case .unavailable = origin { true } else { false }
    }
}
