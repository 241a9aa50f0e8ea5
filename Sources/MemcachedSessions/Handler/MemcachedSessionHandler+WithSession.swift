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
    ///   - body: What to do with the session.
    /// - Returns: What the closure returned, and what the cookie has to become.
    /// - Throws: ``MemcachedSessionError``, and what the closure throws.
    nonisolated(nonsending) public func withSession<Value>(
        id: String?,
        _ body: (MemcachedSession) async throws -> Value
    ) async throws -> MemcachedSessionOutcome<Value> {
        let opened = try await core.open(id)
        let session = MemcachedSession(
            id: opened.storedID?.text ?? opened.adoptedID?.text,
            isNew: opened.isNew,
            isUnsaved: opened.isUnavailable,
            content: SessionContent(opened.bytes, format: configuration.format)
        )
        let value: Value
        let plan: SessionPlan
        do {
            value = try await body(session)
            plan = try session.end(opened.origin, writesLazily: configuration.writesLazily)
            if Task.isCancelled {
                throw MemcachedSessionError(.cancelled, "the request was cancelled; nothing of its session was stored")
            }
        } catch {
            session.state.withLock { $0.hasEnded = true }
            await core.abandon(opened)
            throw error
        }
        do throws(MemcachedSessionError) {
            let cookie = try await core.close(opened, plan)
            return MemcachedSessionOutcome(value: value, cookie: cookie, isUnsaved: opened.isUnavailable)
        } catch {
            // A new session that cannot be stored is, for the one who fails open, an unsaved one. A stored session's
            // change is never dropped silently.
            guard
                case .create = plan, !session.state.withLock({ $0.isRenamed }), error.code == .unavailable,
                configuration.availability == .failOpen
            else { throw error }
            return MemcachedSessionOutcome(value: value, cookie: .keep, isUnsaved: true)
        }
    }

    /// Deletes a session and its lock, for example to log a user out from elsewhere.
    ///
    /// The lock is taken first.
    ///
    /// - Parameter id: The id. Of what is no session id, nothing is deleted.
    /// - Throws: ``MemcachedSessionError/Code/locked`` when a request holds the session;
    ///   ``MemcachedSessionError/Code/unavailable``. The session may still be there then.
    public func destroySession(id: String) async throws(MemcachedSessionError) {
        guard let id = core.sessionID(id) else { return }
        try await core.destroy(id)
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
            if let failure = state.failure, !state.isDestroyed { throw failure }
            return SessionPlan(
                origin,
                bytes: state.isDestroyed ? state.content.stored : try state.content.bytes(),
                isDestroyed: state.isDestroyed,
                isRenamed: state.isRenamed,
                writesLazily: writesLazily
            )
        }
    }
}
