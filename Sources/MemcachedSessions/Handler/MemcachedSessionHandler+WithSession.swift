import Synchronization

extension MemcachedSessionHandler {
    /// Runs a closure with a session: locks it, reads it, runs, stores what changed and lets go of the lock.
    ///
    /// The session is written only if it changed, and otherwise prolonged. A request without a valid id costs no cache
    /// operation, unless something is stored; then it gets a new id. When the closure throws or the task is cancelled
    /// before the closure has returned, nothing is stored; the lock is given back on every path.
    ///
    /// Do not open the same session inside the closure: that would wait for itself until ``MemcachedSessionConfiguration``'s
    /// `locking.timeout`.
    ///
    /// Send the cookie that the outcome says. When this throws, send none: the one that the browser has stays right.
    ///
    /// - Parameters:
    ///   - id: The value of the session cookie; nil when there is none, or more than one. What is no session id counts
    ///     as none.
    ///   - route: The name of the route, such as `/cart/{item}`, for events and logs; there should be few.
    ///   - onConflict: What to do when another request changed the session meanwhile.
    ///   - body: What to do with the session.
    /// - Returns: What the closure returned, and what the cookie has to become.
    /// - Throws: ``MemcachedSessionError``, and what the closure throws.
    nonisolated(nonsending) public func withSession<Value>(
        id: String?,
        route: String? = nil,
        onConflict: MemcachedSessionConflictPolicy = .fail,
        _ body: (MemcachedSession) async throws -> Value
    ) async throws -> MemcachedSessionOutcome<Value> {
        var attempts = onConflict.attempts
        while true {
            attempts -= 1
            let opened = try await core.open(id, route: route)
            let session = MemcachedSession(
                id: (opened.storedID ?? opened.adoptedID ?? opened.retiredID)?.text,
                isNew: opened.isNew,
                isUnsaved: opened.isUnavailable,
                isReadOnly: opened.retiredID != nil,
                isSharedWithPHP: configuration.isSharedWithPHP,
                content: SessionContent(opened.bytes, format: configuration.format)
            )
            let (value, plan) = try await run(body, session, opened)
            do throws(MemcachedSessionError) {
                let end = try await core.close(opened, plan)
                return MemcachedSessionOutcome(
                    value: value,
                    cookie: end.cookie,
                    isUnsaved: opened.isUnavailable,
                    destruction: end.destruction
                )
            } catch  where error.code == .conflict && attempts > 0 {
                continue
            } catch {
                // A new session that cannot be stored is, for the one who fails open, an unsaved one. A stored session's
                // change is never dropped silently.
                guard
                    case .create = plan, session.state.withLock({ $0.renaming == nil }), error.code == .unavailable,
                    configuration.availability == .failOpen
                else { throw error }
                return MemcachedSessionOutcome(value: value, cookie: .keep, isUnsaved: true)
            }
        }
    }

    /// Runs the closure, and gives the lock back when it throws.
    nonisolated(nonsending) private func run<Value>(
        _ body: (MemcachedSession) async throws -> Value,
        _ session: MemcachedSession,
        _ opened: OpenedSession
    ) async throws -> (Value, SessionPlan) {
        do {
            let value = try await body(session)
            let plan = try session.end(opened.origin, writesLazily: configuration.writesLazily && !opened.isOutdated)
            if Task.isCancelled {
                throw MemcachedSessionError(.cancelled, "the request was cancelled; nothing of its session was stored")
            }
            return (value, plan)
        } catch {
            session.state.withLock { $0.hasEnded = true }
            await core.abandon(opened)
            throw error
        }
    }

    /// Deletes a session and its lock, for example to log a user out from elsewhere.
    ///
    /// The lock is waited for and taken first. When another request does not let go of it, the session is deleted all the
    /// same, and for ``MemcachedSessionConfiguration/revocation`` no Swift process takes it for one even if that request
    /// stores it again.
    ///
    /// - Parameter id: The id. Of what is no session id, nothing is deleted.
    /// - Returns: Whether the lock was held; nil for what is no session id.
    /// - Throws: ``MemcachedSessionError/Code/unavailable``, for example. The session may still be there then.
    @discardableResult
    public func destroySession(id: String) async throws(MemcachedSessionError) -> MemcachedSessionDestruction? {
        guard let id = core.sessionID(id) else { return nil }
        return try await core.destroy(id)
    }
}

extension MemcachedSession {
    /// Takes no more changes and says what has to be done.
    fileprivate func end(
        _ origin: SessionOrigin,
        writesLazily: Bool
    ) throws(MemcachedSessionError) -> SessionPlan {
        try state.withLock { state throws(MemcachedSessionError) in
            state.hasEnded = true
            // Destroying needs no content, so one that cannot be read does not stand in the way of a logout.
            if let failure = state.failure, !state.isDestroyed, !state.isAborted { throw failure }
            guard !state.isAborted || state.isDestroyed else { return .nothing(.keepCookie) }
            return SessionPlan(
                origin,
                bytes: state.isDestroyed ? state.content.stored : try state.content.bytes(),
                isDestroyed: state.isDestroyed,
                renaming: state.renaming,
                writesLazily: writesLazily
            )
        }
    }
}
