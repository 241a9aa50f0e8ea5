import Memcached
import NIOCore

/// What has to be done when a request is done with its session.
///
/// Plain data without I/O.
enum SessionPlan: Equatable {
    /// What becomes of a session and its cookie without anything to store.
    enum Rest: Equatable {
        case keepCookie
        case clearCookie
    }

    /// Nothing is stored; a lock that is held is given back.
    case nothing(Rest)
    /// Store under a new id, and set the cookie to it.
    case create(ByteBuffer)
    /// Store under the id that the request brought.
    case adopt(SessionID, ByteBuffer)
    /// Store what changed.
    case replace(SessionID, ByteBuffer, MemcachedCAS?)
    /// Prolong what did not change.
    case touch(SessionID)
    /// Store under a new id, delete the old one or leave it for a while, and set the cookie.
    case rename(SessionID, ByteBuffer, MemcachedCAS?, SessionRenaming)
    /// Delete, and clear the cookie.
    case destroy(SessionID)

    /// - Parameters:
    ///   - origin: Where the session came from.
    ///   - bytes: What it holds now.
    ///   - isDestroyed: Whether it is to be deleted, which outdoes everything else.
    ///   - renaming: How it is to get a new id; nil when it is not.
    ///   - writesLazily: Whether an unchanged session is touched instead of written.
    init(
        _ origin: SessionOrigin,
        bytes: ByteBuffer,
        isDestroyed: Bool,
        renaming: SessionRenaming?,
        writesLazily: Bool
    ) {
        let isEmpty = bytes.readableBytes == 0
        switch origin {
        case .unavailable, .retired:
            self = .nothing(.keepCookie)
        case .new:
            self = isDestroyed || isEmpty ? .nothing(.keepCookie) : .create(bytes)
        case .refused:
            // An id that is gone is left in its cookie: another request may just be setting that cookie to a new one.
            if isDestroyed {
                self = .nothing(.clearCookie)
            } else {
                self = isEmpty ? .nothing(.keepCookie) : .create(bytes)
            }
        case .adopted(let id):
            if isDestroyed {
                self = .nothing(.clearCookie)
            } else if isEmpty {
                self = .nothing(.keepCookie)
            } else {
                self = renaming != nil ? .create(bytes) : .adopt(id, bytes)
            }
        case .stored(let id, let item, let cas):
            if isDestroyed {
                self = .destroy(id)
            } else if let renaming {
                self = .rename(id, bytes, cas, renaming)
            } else if bytes == item.value, writesLazily {
                self = .touch(id)
            } else {
                self = .replace(id, bytes, cas)
            }
        }
    }
}
