public import NIOCore
import Synchronization

/// The session of one request, inside ``MemcachedSessionHandler/withSession(id:route:onConflict:_:)``.
///
/// Changes stay here until the closure has returned; then they are stored at once, or not at all. It may be handed to
/// the tasks of the request, but not be kept beyond the closure: after that it takes no more changes.
///
/// ```swift
/// session["count", default: 0] += 1
/// ```
///
/// Printing a session shows neither its id nor its content.
public final class MemcachedSession: Sendable {
    struct State: Sendable {
        var content: SessionContent
        var isDestroyed = false
        var renaming: SessionRenaming?
        var isAborted = false
        var hasEnded = false
        /// The first failure of an access that cannot throw.
        var failure: MemcachedSessionError?
    }

    /// The id under which the session is stored; nil while it is not.
    ///
    /// An id that a client brought and the cache does not know is not the session's id, unless strict mode is off.
    public let id: String?

    /// Whether nothing was stored for this session before.
    public let isNew: Bool

    /// Whether the session could not be read because the cache is down, so that nothing of it will be stored.
    public let isUnsaved: Bool

    /// Whether the session takes no changes: inside
    /// ``MemcachedSessionHandler/withReadOnlySession(id:route:touchInterval:_:)``, and under an old id that
    /// ``regenerateID(leavingOldFor:)`` left readable.
    public let isReadOnly: Bool

    /// Whether PHP may have these sessions too.
    private let isSharedWithPHP: Bool
    let state: Mutex<State>

    init(
        id: String?,
        isNew: Bool,
        isUnsaved: Bool,
        isReadOnly: Bool = false,
        isSharedWithPHP: Bool = true,
        content: SessionContent
    ) {
        self.isSharedWithPHP = isSharedWithPHP
        self.id = id
        self.isNew = isNew
        self.isUnsaved = isUnsaved
        self.isReadOnly = isReadOnly
        self.state = Mutex(State(content: content))
    }

    /// The session as bytes, whatever their format: what is read and stored.
    ///
    /// When variables were set that cannot be expressed as bytes, reading gives what was stored before, and
    /// ``MemcachedSessionHandler/withSession(id:route:onConflict:_:)`` throws instead of storing.
    public var bytes: ByteBuffer {
        get {
            state.withLock { state in
                do throws(MemcachedSessionError) {
                    return try state.content.bytes()
                } catch {
                    state.note(error)
                    return state.content.stored
                }
            }
        }
        set {
            state.withLock { state in
                guard !state.hasEnded else { return }
                guard !isReadOnly else { return state.note(State.readOnly) }
                state.content.replace(with: newValue)
            }
        }
    }

    /// Whether ``destroy()`` was called.
    public var isDestroyed: Bool { state.withLock { $0.isDestroyed } }

    /// Ends the session, as for a logout: when the closure returns it is deleted and the cookie to be cleared.
    ///
    /// What is set afterwards is not stored.
    ///
    /// - Throws: ``MemcachedSessionError/Code/unsaved`` when the cache is down, so that nobody takes the user for
    ///   logged out; ``MemcachedSessionError/Code/ended`` after the closure.
    public func destroy() throws(MemcachedSessionError) {
        try mark { $0.isDestroyed = true }
    }

    /// Gives the session a new id, as at a login: what anybody knew of the old one is worth nothing afterwards.
    ///
    /// When the closure returns, the session is stored under the new id and the old one deleted, before
    /// ``MemcachedSessionHandler/withSession(id:route:onConflict:_:)`` returns with the cookie to set.
    ///
    /// - Throws: ``MemcachedSessionError/Code/unsaved`` when the cache is down; ``MemcachedSessionError/Code/ended``
    ///   after the closure.
    public func regenerateID() throws(MemcachedSessionError) {
        try mark { $0.renaming = .now }
    }

    /// Gives the session a new id and leaves the old one readable for a few seconds: for ids that change now and then,
    /// so that requests of the same browser that are under way do not find themselves without a session.
    ///
    /// Never at a login or a change of privilege: that is ``regenerateID()``, which outdoes this one. Under the old id the
    /// session can be read as it was stored with the new one; to change, destroy or rename it there throws
    /// ``MemcachedSessionError/Code/readOnly``, and nothing prolongs it.
    ///
    /// - Parameter grace: How long, from 1 s to 60 s; counted by the clocks of those who read.
    /// - Throws: ``MemcachedSessionError/Code/sharedWithPHP`` when PHP may have these sessions too, because one request to
    ///   PHP would give the old id a full lifetime again; ``MemcachedSessionError/Code/invalidArgument`` for another
    ///   time; else as ``regenerateID()``.
    public func regenerateID(leavingOldFor grace: Duration) throws(MemcachedSessionError) {
        guard !isSharedWithPHP else {
            throw MemcachedSessionError(
                .sharedWithPHP,
                "the prefix of these sessions is PHP's, and PHP would give the old id a full lifetime again; use "
                    + "regenerateID(), or set a prefix of your own"
            )
        }
        guard grace >= .seconds(1), grace <= .seconds(60) else {
            throw MemcachedSessionError(.invalidArgument, "an old id can be left for 1 s to 60 s")
        }
        try mark { state in
            if state.renaming == nil { state.renaming = .leavingOld(for: grace) }
        }
    }

    /// Drops all changes (`session_abort`): when the closure returns, nothing is stored or prolonged, and the cookie stays.
    ///
    /// What is set afterwards is dropped too. ``destroy()`` outdoes it, before or after.
    ///
    /// - Throws: ``MemcachedSessionError/Code/ended`` after the closure.
    public func abort() throws(MemcachedSessionError) {
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.hasEnded else { throw State.ended }
            state.isAborted = true
        }
    }

    private func mark(_ change: @Sendable (inout State) -> Void) throws(MemcachedSessionError) {
        guard !isUnsaved else {
            throw MemcachedSessionError(
                .unsaved,
                "the cache is down and this session is not stored, so it can be neither destroyed nor get another id; "
                    + "let the request fail"
            )
        }
        guard !isReadOnly else { throw State.readOnly }
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.hasEnded else { throw State.ended }
            change(&state)
        }
    }
}

extension MemcachedSession.State {
    static var ended: MemcachedSessionError {
        MemcachedSessionError(.ended, "the session was used after its closure had returned; use it inside only")
    }

    static var readOnly: MemcachedSessionError {
        MemcachedSessionError(
            .readOnly,
            "the session was opened to be read only, or under an id that was replaced a moment ago; change it inside of "
                + "withSession, under its present id"
        )
    }

    /// Keeps a failure that could not be thrown where it happened.
    mutating func note(_ error: MemcachedSessionError) {
        if failure == nil { failure = error }
    }
}

extension MemcachedSession: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Whether it is new; neither id nor content.
    public var description: String { "MemcachedSession(\(isUnsaved ? "unsaved" : isNew ? "new" : "stored"))" }
    /// Whether it is new; neither id nor content.
    public var debugDescription: String { description }
    /// Without children, so that `dump` shows neither id nor content.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
