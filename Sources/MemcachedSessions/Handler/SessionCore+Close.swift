import Memcached
import NIOCore

extension SessionCore {
    /// What a session's end leads to: what the cookie has to become, and how the session was destroyed, if it was.
    typealias End = (cookie: MemcachedSessionCookie, destruction: MemcachedSessionDestruction?)

    /// A request will not store anything: gives its lock back.
    func abandon(_ opened: OpenedSession) async {
        if let lock = opened.lock { await release(lock) }
    }

    /// Carries out what a request's session needs in the end, and gives its lock back on every path.
    ///
    /// Cancelling the caller does not tear it apart: each command has its timeout.
    ///
    func close(
        _ opened: OpenedSession,
        _ plan: SessionPlan
    ) async throws(MemcachedSessionError) -> End {
        try await shieldedResult { [self] () throws(MemcachedSessionError) in
            try await carryOut(plan, opened.lock)
        }
    }

    private func carryOut(
        _ plan: SessionPlan,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> End {
        switch plan {
        case .nothing(let rest):
            if let lock { await release(lock) }
            return (rest == .clearCookie ? .clear : .keep, nil)
        case .create(let bytes):
            if let lock { await release(lock) }
            return (.set(try await create(bytes).text), nil)
        case .adopt(let id, let bytes):
            try await store(bytes, id, lock) { .create($0) }
            return (.keep, nil)
        case .replace(let id, let bytes, let cas):
            try await store(bytes, id, lock) { .replace($0, cas) }
            return (.keep, nil)
        case .touch(let id):
            try await write(.touch, to: id, lock: lock, releasing: true)
            return (.keep, nil)
        case .rename(let id, let bytes, let cas, let renaming):
            return (.set(try await rename(id, bytes, cas, lock, renaming).text), nil)
        case .destroy(let id):
            return (.clear, try await destroyNow(id, lock))
        }
    }

    private func store(
        _ bytes: ByteBuffer,
        _ id: SessionID,
        _ lock: SessionLock?,
        as kind: (ByteBuffer) -> SessionWrite.Kind
    ) async throws(MemcachedSessionError) {
        let stored: ByteBuffer
        do throws(MemcachedSessionError) {
            stored = try seal(bytes, id)
            try requireSize(stored, under: id)
        } catch {
            if let lock { await release(lock) }
            throw error
        }
        try await write(kind(stored), to: id, lock: lock, releasing: true)
    }

    // MARK: New ids

    /// Stores a session under a new id.
    func create(_ bytes: ByteBuffer) async throws(MemcachedSessionError) -> SessionID {
        let (id, lock) = try await createLocked(bytes)
        if let lock { await release(lock) }
        return id
    }

    /// Stores a session under a new id and keeps its lock, if locking is on.
    private func createLocked(_ bytes: ByteBuffer) async throws(MemcachedSessionError) -> (SessionID, SessionLock?) {
        let id = try makeID()
        let bytes = try seal(bytes, id)
        try requireSize(bytes, under: id)
        try await requireSafety(of: id)
        guard configuration.locking.isEnabled else {
            try await write(.create(bytes), to: id, lock: nil, releasing: false)
            return (id, nil)
        }
        // Nobody knows the id, so nobody holds its lock and nobody waits for it.
        let acquired: Acquired
        do throws(MemcachedSessionError) {
            acquired = try await lock(
                id,
                turn: nil,
                with: [.add(sessionKey(id), bytes, flags: 0, sessionExpiration)],
                deadline: time.now() + configuration.locking.timeout,
                waits: false
            )
        } catch {
            await removeOrphan(id, error.outcome)
            throw error
        }
        do throws(MemcachedSessionError) {
            try await write(
                .create(bytes),
                to: id,
                lock: acquired.lock,
                releasing: false,
                answer: acquired.companions.first
            )
            return (id, acquired.lock)
        } catch {
            await release(acquired.lock)
            throw error
        }
    }

    /// Deletes a session that may have been stored although its lock was not.
    private func removeOrphan(_ id: SessionID, _ outcome: MemcachedError.Outcome) async {
        switch outcome {
        case .notSent: break
        case .rejected: await delete(sessionKey(id), ifUnchangedSince: nil)
        case .unknown:
            // The server does not answer, so nobody waits for it. Ends by itself: one command with a timeout.
            Task.detached { [self] in await delete(sessionKey(id), ifUnchangedSince: nil) }
        }
    }

    /// Stores a session under a new id and deletes the old one, or leaves it to be read for a while.
    ///
    /// Both locks are held until that is done.
    ///
    /// The second lock is never waited for, because nobody else can know the new id; so the two cannot deadlock with
    /// anybody, in whatever order their keys are.
    private func rename(
        _ old: SessionID,
        _ bytes: ByteBuffer,
        _ cas: MemcachedCAS?,
        _ lock: SessionLock?,
        _ renaming: SessionRenaming
    ) async throws(MemcachedSessionError) -> SessionID {
        let new: SessionID
        let newLock: SessionLock?
        let ending: SessionWrite.Kind
        do throws(MemcachedSessionError) {
            if let lock, !lock.isHeld(at: time.now()) { throw .lockLost }
            ending = try self.ending(of: old, bytes, cas, renaming)
            (new, newLock) = try await createLocked(bytes)
        } catch {
            if let lock { await release(lock) }
            throw error
        }
        do throws(MemcachedSessionError) {
            try await write(ending, to: old, lock: lock, releasing: true)
        } catch {
            // The old session was logged out or changed meanwhile, or could not be deleted: the copy must not live on.
            _ = try? await write(.delete(nil), to: new, lock: newLock, releasing: true)
            throw error
        }
        if let newLock { await release(newLock) }
        return new
    }
}
