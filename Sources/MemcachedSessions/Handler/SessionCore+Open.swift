import Logging
import Memcached

extension SessionCore {
    /// Finds the session of a request: its lock and its content in one flight where one server holds both.
    ///
    /// - Parameter text: The id that the request brought, if any.
    /// - Returns: The session, locked unless it is new.
    /// - Throws: What keeps it from being read; nothing is locked then.
    func open(_ text: String?) async throws(MemcachedSessionError) -> OpenedSession {
        guard let id = sessionID(text) else { return OpenedSession(origin: .new) }
        do throws(MemcachedSessionError) {
            let (item, lock) = try await lockAndRead(id)
            do throws(MemcachedSessionError) {
                let opened = try opened(id, item, lock)
                guard opened.isNew, configuration.isStrict else { return opened }
            } catch {
                if let lock { await release(lock) }
                throw error
            }
            if let lock { await release(lock) }
            return OpenedSession(origin: .refused)
        } catch {
            guard error.code == .unavailable, configuration.availability == .failOpen else { throw error }
            logger.debug("a request goes on without its session", metadata: ["error": "\(error)"])
            return OpenedSession(origin: .unavailable)
        }
    }

    /// What was read, as a session; without an item one that does not exist yet.
    ///
    /// - Throws: ``MemcachedSessionError/Code/unsafeServer``; the lock is still to be given back then.
    func opened(
        _ id: SessionID,
        _ item: MemcachedItem?,
        _ lock: SessionLock?
    ) throws(MemcachedSessionError) -> OpenedSession {
        guard let item else {
            logger.debug("no session under the id of a request", metadata: ["session": "\(id.label)"])
            return OpenedSession(origin: .adopted(id), lock: lock)
        }
        guard let cas = item.cas else { throw .unsafeServer }
        return OpenedSession(origin: .stored(id, item, cas), lock: lock)
    }

    /// Locks a session if locking is on, and reads it.
    ///
    /// What was read without the lock is never used.
    ///
    /// - Returns: The item, nil only when the key's own server said that there is none.
    func lockAndRead(_ id: SessionID) async throws(MemcachedSessionError) -> (MemcachedItem?, SessionLock?) {
        guard configuration.locking.isEnabled else { return (try await read(id), nil) }
        let deadline = time.now() + configuration.locking.timeout
        let turn = try await takeTurn(for: id, deadline: deadline)
        let acquired = try await lock(id, turn: turn, with: .getVerified(sessionKey(id)), deadline: deadline)
        if case .success(let reply)? = acquired.companion, case .item(let item) = reply {
            return (item, acquired.lock)
        }
        do throws(MemcachedSessionError) {
            return (try await read(id), acquired.lock)
        } catch {
            await release(acquired.lock)
            throw error
        }
    }
}
