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
    /// A stored session under an id that was replaced and can be read for a while.
    case retired(SessionID, MemcachedItem)
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
        switch origin {
        case .stored(_, let item, _), .retired(_, let item): item.value
        default: ByteBuffer()
        }
    }

    var isNew: Bool { storedID == nil && retiredID == nil }

    /// The id that was replaced, under which the session was found.
    var retiredID: SessionID? {
        if case .retired(let id, _) = origin { id } else { nil }
    }

    var isUnavailable: Bool {
        if case .unavailable = origin { true } else { false }
    }
}
