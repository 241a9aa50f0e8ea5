import Logging
import Memcached

extension SessionCore {
    /// Finds the session of a request: its lock and its content in one flight where one server holds both.
    ///
    /// - Parameters:
    ///   - text: The id that the request brought, if any.
    ///   - route: The route of the request, for events.
    /// - Returns: The session, locked unless it is new.
    /// - Throws: What keeps it from being read; nothing is locked then.
    func open(_ text: String?, route: String? = nil) async throws(MemcachedSessionError) -> OpenedSession {
        guard let id = sessionID(text) else { return OpenedSession(origin: .new) }
        do throws(MemcachedSessionError) {
            let (read, lock) = try await lockAndRead(id, route: route)
            do throws(MemcachedSessionError) {
                let opened = try opened(id, read, lock)
                switch opened.origin {
                case .refused: noteMissing(id, route: route)
                case .adopted:
                    noteMissing(id, route: route)
                    guard configuration.isStrict else { return opened }
                default: return opened
                }
            } catch {
                if let lock { await release(lock) }
                throw error
            }
            if let lock { await release(lock) }
            return OpenedSession(origin: .refused)
        } catch {
            return try goOn(without: error)
        }
    }

    /// A session for a request that goes on without the cache, if that is what was chosen.
    func goOn(without error: MemcachedSessionError) throws(MemcachedSessionError) -> OpenedSession {
        guard error.code == .unavailable, configuration.availability == .failOpen else { throw error }
        logger.debug("a request goes on without its session", metadata: ["error": "\(error)"])
        return OpenedSession(origin: .unavailable)
    }

    /// What was read, as a session; without an item one that does not exist yet.
    ///
    /// - Throws: ``MemcachedSessionError/Code/unsafeServer``; the lock is still to be given back then.
    func opened(
        _ id: SessionID,
        _ read: SessionRead,
        _ lock: SessionLock?
    ) throws(MemcachedSessionError) -> OpenedSession {
        guard let item = read.item else {
            return OpenedSession(origin: read.isRevoked ? .refused : .adopted(id), lock: lock)
        }
        guard item.cas != nil || configuration.allowsUnfencedServers else {
            throw .unsafeServer(serverLabel(of: sessionKey(id)), "a read gave no CAS")
        }
        if isRetired(item) { return OpenedSession(origin: .retired(id, item), lock: lock) }
        return OpenedSession(origin: .stored(id, item, item.cas), lock: lock, isOutdated: read.isOutdated)
    }

    /// Locks a session if locking is on, and reads it.
    ///
    /// What was read without the lock is never used.
    func lockAndRead(
        _ id: SessionID,
        route: String? = nil
    ) async throws(MemcachedSessionError) -> (SessionRead, SessionLock?) {
        try await requireSafety(of: id)
        guard configuration.locking.isEnabled else {
            return (try await settled(try await read(id), id, nil), nil)
        }
        let began = time.now()
        let deadline = began + configuration.locking.timeout
        let acquired: Acquired
        do throws(MemcachedSessionError) {
            let turn = try await takeTurn(for: id, deadline: deadline)
            acquired = try await lock(id, turn: turn, with: readCommands(id), deadline: deadline, route: route)
        } catch {
            noteWait(since: began, error: error)
            throw error
        }
        noteWait(since: began)
        do throws(MemcachedSessionError) {
            let read = try await read(id, answered: acquired.companions)
            return (try await settled(read, id, acquired.lock), acquired.lock)
        } catch {
            await release(acquired.lock)
            throw error
        }
    }

    /// What was read, after what is left to be done where there is no session: it may be there in another form.
    private func settled(
        _ read: SessionRead,
        _ id: SessionID,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> SessionRead {
        if read.item != nil { return read }
        let settled = try await takingOver(try await repaired(read, id, lock), id, lock)
        await removeRevived(settled, id, lock)
        return settled
    }

    /// What was read together with the lock, or else is read now.
    private func read(
        _ id: SessionID,
        answered answers: [Result<MemcachedReply, MemcachedError>]
    ) async throws(MemcachedSessionError) -> SessionRead {
        if let read = try? SessionRead(answers) { return try unseal(read, id) }
        return try await read(id)
    }

    /// Reads a session for those who do not lock it.
    func readUnlocked(_ id: SessionID) async throws(MemcachedSessionError) -> SessionRead {
        var read = try await read(id)
        if read.item == nil, !read.isRevoked, let copy = await copied(id) {
            read.item = copy
            read = try unseal(read, id)
        }
        if read.item == nil, !read.isRevoked { read.item = try await plain(id) }
        await removeRevived(read, id, nil)
        return read
    }
}
