import Logging
import Memcached
import Synchronization

extension MemcachedSessionHandler {
    /// Runs a closure with a session that it only reads: without a lock, and without waiting for one.
    ///
    /// What it sees is the session as it was last stored; another request may be changing it. Changes, and destroying it
    /// or renaming its id, throw ``MemcachedSessionError/Code/readOnly``. So that a visitor who only reads is not logged
    /// out, the session is prolonged, at most once in `touchInterval` by this process.
    ///
    /// - Parameters:
    ///   - id: The value of the session cookie, as for ``withSession(id:route:onConflict:_:)``.
    ///   - route: The name of the route, for events.
    ///   - touchInterval: How often to prolong the session, at least whenever a third of its lifetime has passed; nil for
    ///     never, as PHP's `read_and_close`.
    ///   - body: What to do with the session.
    /// - Returns: What the closure returned; the cookie is always to be kept.
    /// - Throws: ``MemcachedSessionError``, and what the closure throws.
    nonisolated(nonsending) public func withReadOnlySession<Value>(
        id: String?,
        route: String? = nil,
        touchInterval: Duration? = .seconds(60),
        _ body: (MemcachedSession) async throws -> Value
    ) async throws -> MemcachedSessionOutcome<Value> {
        let opened = try await core.openReadOnly(id, route: route)
        let session = MemcachedSession(
            id: (opened.storedID ?? opened.retiredID)?.text,
            isNew: opened.isNew,
            isUnsaved: opened.isUnavailable,
            isReadOnly: true,
            content: SessionContent(opened.bytes, format: configuration.format)
        )
        defer { session.state.withLock { $0.hasEnded = true } }
        let value = try await body(session)
        if let failure = session.state.withLock({ $0.failure }) { throw failure }
        if let id = opened.storedID, let touchInterval { await core.prolong(id, every: touchInterval) }
        return MemcachedSessionOutcome(value: value, cookie: .keep, isUnsaved: opened.isUnavailable)
    }
}

extension SessionCore {
    /// Reads a session without locking it.
    func openReadOnly(_ text: String?, route: String?) async throws(MemcachedSessionError) -> OpenedSession {
        guard let id = sessionID(text) else { return OpenedSession(origin: .new) }
        do throws(MemcachedSessionError) {
            let read = try await readUnlocked(id)
            if read.item == nil { noteMissing(id, route: route) }
            return try opened(id, read, nil)
        } catch {
            return try goOn(without: error)
        }
    }

    /// Prolongs a session that was only read, if that was not done a short while ago.
    ///
    /// What cannot be done now is done by a later request.
    func prolong(_ id: SessionID, every interval: Duration) async {
        var interval = interval
        if case .after(let lifetime) = configuration.lifetime { interval = min(interval, lifetime / 3) }
        guard touches.withLock({ $0.isDue(id, at: time.now(), every: interval) }) else { return }
        await shielded { [self] in
            do throws(MemcachedSessionError) {
                try await write(.touch, to: id, lock: nil, releasing: false)
            } catch {
                touches.withLock { $0.forget(id) }
                logger.debug("a session could not be prolonged", metadata: ["error": "\(error)"])
            }
        }
    }
}
