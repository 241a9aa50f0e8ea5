import Memcached

extension SessionCore {
    /// Deletes a session and its lock.
    ///
    /// A lock that was lost meanwhile is taken again first. Cancelling the caller does not tear it apart.
    func destroy(
        _ id: SessionID,
        lock: SessionLock?
    ) async throws(MemcachedSessionError) -> MemcachedSessionDestruction {
        try await shieldedResult { [self] () throws(MemcachedSessionError) in
            try await destroyNow(id, lock)
        }
    }

    /// Locks a session and deletes it with its lock, for those who did not read it.
    func destroy(_ id: SessionID) async throws(MemcachedSessionError) -> MemcachedSessionDestruction {
        let lock: SessionLock?
        do throws(MemcachedSessionError) {
            lock = try await lockUnread(id)
        } catch  where Self.isHeldByAnother(error) {
            return try await shieldedResult { [self] () throws(MemcachedSessionError) in
                try await destroyWithoutLock(id)
                return .withoutLock
            }
        }
        return try await destroy(id, lock: lock)
    }

    /// Locks a session without reading it, so that one that cannot be read can be destroyed.
    private func lockUnread(_ id: SessionID) async throws(MemcachedSessionError) -> SessionLock? {
        try await requireSafety(of: id)
        guard configuration.locking.isEnabled else { return nil }
        let deadline = time.now() + configuration.locking.timeout
        let turn = try await takeTurn(for: id, deadline: deadline)
        return try await lock(id, turn: turn, with: [], deadline: deadline).lock
    }

    func destroyNow(
        _ id: SessionID,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> MemcachedSessionDestruction {
        guard let lock else {
            try await destroyWithoutLock(id)
            return .withoutLock
        }
        if lock.isHeld(at: time.now()) { return try await destroyUnderLock(id, lock) }
        await endRenewals(of: lock)
        keeper.release(lock)
        let acquired: Acquired
        do throws(MemcachedSessionError) {
            acquired = try await self.lock(
                id,
                turn: lock.turn,
                with: [],
                deadline: time.now() + configuration.locking.timeout,
                route: lock.route
            )
        } catch {
            forget(lock)
            guard Self.isHeldByAnother(error) else { throw error }
            try await destroyWithoutLock(id)
            return .withoutLock
        }
        return try await destroyUnderLock(id, acquired.lock)
    }

    private func destroyUnderLock(
        _ id: SessionID,
        _ lock: SessionLock
    ) async throws(MemcachedSessionError) -> MemcachedSessionDestruction {
        do throws(MemcachedSessionError) {
            try await write(.delete(nil), to: id, lock: lock, releasing: true)
            return .underLock
        } catch  where error.code == .lockLost {
            // Whoever got the lock meanwhile may have read the session before it was deleted, and store it again.
            try await destroyWithoutLock(id)
            return .withoutLock
        }
    }

    private static func isHeldByAnother(_ error: MemcachedSessionError) -> Bool {
        error.code == .locked || error.code == .tooManyWaiters
    }
}
