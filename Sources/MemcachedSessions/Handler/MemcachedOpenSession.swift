import Memcached
public import NIOCore
import Synchronization

/// PHP's session handler for one request: what ``MemcachedSessionHandler/open()`` returns and ``close()`` ends.
///
/// The verbs are those of PHP's `SessionHandlerInterface`, `SessionIdInterface` and
/// `SessionUpdateTimestampHandlerInterface`; call them one after another. ``read(_:)`` locks a session, and the lock is
/// kept until ``close()`` or ``destroy(_:)``. ``MemcachedSessionHandler/withSession(id:route:onConflict:_:)`` does all of it in the right
/// order, in fewer round trips, and closes on every path; it is what new code should use. These verbs never fail open.
///
/// ```swift
/// let session = handler.open()
/// let id = if let cookie, try await session.validateSID(cookie) { cookie } else { try session.createSID() }
/// let bytes = try await session.read(id)
/// try await session.write(id, changed(bytes))
/// await session.close()
/// ```
public final class MemcachedOpenSession: Sendable {
    private struct State: Sendable {
        var opened: [SessionID: OpenedSession] = [:]
        /// Ids made here, which may be stored though the cache does not know them.
        var made: Set<SessionID> = []
        var isClosed = false
    }

    private let core: SessionCore
    private let state = Mutex(State())

    init(_ core: SessionCore) {
        self.core = core
    }

    deinit {
        // Who forgets to close waits for nothing; the locks are given back behind their back. Ends with the releases.
        let opened = takeAll()
        guard !opened.isEmpty else { return }
        Task.detached { [core] in
            for session in opened { await core.abandon(session) }
        }
    }

    /// Makes a new id (`create_sid`) from the system's cryptographic random numbers.
    ///
    /// Costs no cache operation.
    ///
    /// PHP reserves it with an empty session; with so many random bits that is not needed, and ``write(_:_:)`` adds the
    /// session only if there is none.
    ///
    /// - Returns: The id.
    /// - Throws: ``MemcachedSessionError/Code/ended`` after ``close()``.
    public func createSID() throws(MemcachedSessionError) -> String {
        let id = try core.makeID()
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.isClosed else { throw Self.closed }
            state.made.insert(id)
        }
        return id.text
    }

    /// Says whether there is a session under an id that a client brought (`validate_sid`).
    ///
    /// - Parameter id: The id. What is no session id is never valid and costs no cache operation.
    /// - Returns: False only if the key's own server said so.
    /// - Throws: ``MemcachedSessionError`` when that cannot be told; keep the cookie then.
    public func validateSID(_ id: String) async throws(MemcachedSessionError) -> Bool {
        guard let id = core.sessionID(id) else { return false }
        if let opened = try entry(id) { return !opened.isNew }
        return try await core.readUnlocked(id).item != nil
    }

    /// Locks a session and reads it (`read`).
    ///
    /// Read again, it is read under the lock that is held already.
    ///
    /// - Parameter id: The id.
    /// - Returns: The session; empty when there is none.
    /// - Throws: ``MemcachedSessionError``, for example ``MemcachedSessionError/Code/locked`` or
    ///   ``MemcachedSessionError/Code/invalidID``.
    public func read(_ id: String) async throws(MemcachedSessionError) -> ByteBuffer {
        let id = try require(id)
        if let opened = try entry(id) {
            let again = try core.opened(id, try await core.read(id), opened.lock)
            try put(again, id)
            return again.bytes
        }
        let (item, lock) = try await core.lockAndRead(id)
        do throws(MemcachedSessionError) {
            let opened = try core.opened(id, item, lock)
            try put(opened, id)
            return opened.bytes
        } catch {
            if let lock { await core.release(lock) }
            throw error
        }
    }

    /// Reads a session without locking it and without waiting for its lock (`read_and_close`).
    ///
    /// It is the session as it was last stored; another request may be changing it. It cannot be written then, and is not
    /// prolonged.
    ///
    /// - Parameter id: The id.
    /// - Returns: The session; empty when there is none.
    /// - Throws: ``MemcachedSessionError``, for example ``MemcachedSessionError/Code/invalidID``.
    public func readOnly(_ id: String) async throws(MemcachedSessionError) -> ByteBuffer {
        let id = try require(id)
        _ = try entry(id)
        return try core.opened(id, try await core.readUnlocked(id), nil).bytes
    }

    /// Stores a session that was read (`write`), with a full lifetime: by REPLACE and CAS if it was there, else by ADD.
    ///
    /// - Parameters:
    ///   - id: The id.
    ///   - bytes: The session.
    /// - Throws: ``MemcachedSessionError``: ``MemcachedSessionError/Code/notRead`` without a ``read(_:)`` before,
    ///   ``MemcachedSessionError/Code/unknownID`` in strict mode for an id that is neither stored nor made by
    ///   ``createSID()``, ``MemcachedSessionError/Code/conflict``, ``MemcachedSessionError/Code/lost``,
    ///   ``MemcachedSessionError/Code/lockLost``, ``MemcachedSessionError/Code/tooLarge``.
    public func write(_ id: String, _ bytes: ByteBuffer) async throws(MemcachedSessionError) {
        let (id, opened) = try requireRead(id)
        let stored = try core.seal(bytes, id)
        let kind: SessionWrite.Kind
        switch opened.origin {
        case .stored(_, _, let cas):
            kind = .replace(stored, cas)
        case .retired:
            throw MemcachedSession.State.readOnly
        case let origin:
            var isWelcome = state.withLock { $0.made.contains(id) }
            if case .adopted = origin, !core.configuration.isStrict { isWelcome = true }
            guard isWelcome else {
                throw MemcachedSessionError(
                    .unknownID,
                    "there is no session under this id, and none is stored under an id that a client brought (strict "
                        + "mode) or that was destroyed; use an id from createSID()"
                )
            }
            kind = .create(stored)
        }
        try core.requireSize(stored, under: id)
        let cas = try await carryOut(kind, id, opened.lock)
        guard cas != nil || core.configuration.allowsUnfencedServers else {
            throw .unsafeServer(core.serverLabel(of: core.sessionKey(id)), "a write gave no CAS")
        }
        try put(OpenedSession(origin: .stored(id, .init(value: bytes, cas: cas), cas), lock: opened.lock), id)
    }

    /// Gives an unchanged session a full lifetime again (`update_timestamp`).
    ///
    /// - Parameter id: The id of a session that was read.
    /// - Throws: ``MemcachedSessionError``: ``MemcachedSessionError/Code/lost`` when there is none any more.
    public func updateTimestamp(_ id: String) async throws(MemcachedSessionError) {
        let (id, opened) = try requireRead(id)
        guard opened.retiredID == nil else { throw MemcachedSession.State.readOnly }
        try await carryOut(.touch, id, opened.lock)
    }

    /// Deletes a session and its lock (`destroy`).
    ///
    /// The lock is taken first if it is not held.
    ///
    /// - Parameter id: The id.
    /// - Returns: Whether the lock was held; if not, the session is revoked for a while.
    /// - Throws: ``MemcachedSessionError``. The session may still be there then.
    @discardableResult
    public func destroy(_ id: String) async throws(MemcachedSessionError) -> MemcachedSessionDestruction {
        let id = try require(id)
        _ = try entry(id)
        let opened = state.withLock { state in
            state.made.remove(id)
            return state.opened.removeValue(forKey: id)
        }
        guard let opened else {
            return try await core.destroy(id)
        }
        return try await core.destroy(id, lock: opened.lock)
    }

    /// Stores a session that was read under a new id and deletes the old one (`session_regenerate_id(true)`).
    ///
    /// Both locks are held until the new session is stored and the old one gone; then both are given back.
    ///
    /// - Parameters:
    ///   - id: The id of a session that was read and is stored.
    ///   - bytes: The session.
    /// - Returns: The new id; ``read(_:)`` it to go on with it.
    /// - Throws: ``MemcachedSessionError``: nothing has changed then, unless its outcome is unknown. Set no cookie.
    public func regenerate(_ id: String, _ bytes: ByteBuffer) async throws(MemcachedSessionError) -> String {
        let (id, opened) = try requireRead(id)
        guard opened.retiredID == nil else { throw MemcachedSession.State.readOnly }
        guard case .stored(_, _, let cas) = opened.origin else {
            throw MemcachedSessionError(.lost, "there is no session under this id; use an id from createSID()")
        }
        _ = state.withLock { $0.opened.removeValue(forKey: id) }
        let (cookie, _) = try await core.close(opened, .rename(id, bytes, cas, .now))
        guard case .set(let text) = cookie, let new = core.sessionID(text) else {
            throw MemcachedSessionError(MemcachedReply.unexpected)
        }
        state.withLock { state in
            state.made.remove(id)
            state.made.insert(new)
        }
        return text
    }

    /// Gives back the locks of everything that was read and stores nothing more (`session_abort`).
    ///
    /// The handle is of no use afterwards. What ``write(_:_:)`` stored before stays.
    public func abort() async {
        await close()
    }

    /// Does nothing and says so (`gc`): the cache drops what has run out by itself.
    ///
    /// - Returns: 0, the number of sessions removed.
    @discardableResult
    public func gc() -> Int { 0 }

    /// Gives back the locks of everything that was read (`close`).
    ///
    /// The handle is of no use afterwards.
    public func close() async {
        for session in takeAll() { await core.abandon(session) }
    }

    /// Changes a stored session; once it has begun, cancelling the caller does not tear it apart.
    @discardableResult
    private func carryOut(
        _ kind: SessionWrite.Kind,
        _ id: SessionID,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> MemcachedCAS? {
        if Task.isCancelled {
            throw MemcachedSessionError(.cancelled, "the request was cancelled; nothing of its session was stored")
        }
        return try await shieldedResult { [core] () throws(MemcachedSessionError) in
            try await core.write(kind, to: id, lock: lock, releasing: false)
        }
    }

    // MARK: Entries

    private func takeAll() -> [OpenedSession] {
        state.withLock { state in
            state.isClosed = true
            defer { state.opened = [:] }
            return Array(state.opened.values)
        }
    }

    private func entry(_ id: SessionID) throws(MemcachedSessionError) -> OpenedSession? {
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.isClosed else { throw Self.closed }
            return state.opened[id]
        }
    }

    private func put(_ opened: OpenedSession, _ id: SessionID) throws(MemcachedSessionError) {
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.isClosed else { throw Self.closed }
            state.opened[id] = opened
        }
    }

    private func require(_ text: String) throws(MemcachedSessionError) -> SessionID {
        guard let id = core.sessionID(text) else {
            throw MemcachedSessionError(
                .invalidID,
                "a session id has 22 to 231 characters of 0-9, A-Z, a-z, comma and hyphen; take this one for no id"
            )
        }
        return id
    }

    private func requireRead(_ text: String) throws(MemcachedSessionError) -> (SessionID, OpenedSession) {
        let id = try require(text)
        guard let opened = try entry(id) else {
            throw MemcachedSessionError(.notRead, "read a session before it is written or touched")
        }
        return (id, opened)
    }

    private static var closed: MemcachedSessionError {
        MemcachedSessionError(.ended, "this handle has been closed; open another one")
    }
}

extension MemcachedSessionHandler {
    /// Begins a request in the way of PHP's handlers (`open`).
    ///
    /// Costs no cache operation.
    ///
    /// - Returns: PHP's verbs for this request; close it when the request ends.
    public func open() -> MemcachedOpenSession {
        MemcachedOpenSession(core)
    }
}
