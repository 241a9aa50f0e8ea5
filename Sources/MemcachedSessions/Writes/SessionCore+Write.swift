import Memcached

extension SessionCore {
    /// Changes a stored session while its lock is held.
    ///
    /// - Parameters:
    ///   - kind: The change.
    ///   - id: The session.
    ///   - lock: Its lock; nil when locking is off.
    ///   - releasing: Whether to give the lock back as well, in the same flight if one server holds both keys. The lock
    ///     is given back then on every path.
    ///   - answer: The answer, if the change has been sent already.
    /// - Returns: The session's CAS, if it is known.
    /// - Throws: What became of the write, or ``MemcachedSessionError/Code/lockLost``.
    @discardableResult
    func write(
        _ kind: SessionWrite.Kind,
        to id: SessionID,
        lock: SessionLock?,
        releasing: Bool,
        answer: Result<MemcachedReply, MemcachedError>? = nil
    ) async throws(MemcachedSessionError) -> MemcachedCAS? {
        var progress = WriteProgress(write: SessionWrite(kind))
        do throws(MemcachedSessionError) {
            if kind.endsSession {
                try await deleteCopies(of: id)
                try await deletePlain(id)
            }
            let cas = try await carryOut(&progress, id, lock, releasing: releasing, answer)
            if configuration.replicas > 0 { await copy(kind, of: id) }
            if releasing, let lock { try await finish(lock, progress) }
            return cas
        } catch {
            if error.code == .lost { noteLostSession(id, route: lock?.route) }
            // The first error counts.
            if releasing, let lock { try? await finish(lock, progress) }
            throw error
        }
    }

    private func carryOut(
        _ progress: inout WriteProgress,
        _ id: SessionID,
        _ lock: SessionLock?,
        releasing: Bool,
        _ answer: Result<MemcachedReply, MemcachedError>?
    ) async throws(MemcachedSessionError) -> MemcachedCAS? {
        if releasing, let lock { await endRenewals(of: lock) }
        var step = SessionWrite.Step.send
        if let answer {
            // It was sent with the lock's own ADD.
            _ = progress.write.command(sessionKey(id), sessionExpiration)
            step = progress.write.answered(answer)
        }
        while true {
            switch step {
            case .done(let cas): return cas
            case .fail(let error): throw error
            case .send:
                if let lock, progress.write.needsLock, !lock.isHeld(at: time.now()) {
                    noteLost(lock)
                    throw .lockLost
                }
                step = progress.write.answered(await send(&progress, id, releasing ? lock : nil))
            case .read: step = try await resolve(&progress, id, lock)
            }
        }
    }

    /// Finds out what became of a write whose answer was lost.
    ///
    /// Nothing is sent again unless the lock is held.
    private func resolve(
        _ progress: inout WriteProgress,
        _ id: SessionID,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> SessionWrite.Step {
        var recognition = Recognition.ours
        if let lock {
            recognition = await recognise(lock, within: commandTimeout)
            if recognition == .ours, !lock.isHeld(at: time.now()) { recognition = .others }
            if recognition == .ours { progress.release = .due }
        }
        let found: SessionWrite.Step
        do throws(MemcachedSessionError) {
            found = progress.write.found(try await readItem(sessionKey(id), timeout: commandTimeout))
        } catch {
            throw .unavailableAfterWrite(error.cause as? MemcachedError)
        }
        switch (recognition, found) {
        case (.ours, _), (_, .done):
            return found
        case (.missing, .send):
            // A release that travelled with the write was carried out, and the write was not.
            if let lock { try await lockAgain(lock) }
            progress.release = .due
            return .send
        case (.missing, _), (.others, _):
            // What is there now may have been stored after the write, by one who has the lock now.
            throw .lockLostAfterWrite
        case (.unknown, _):
            throw .unavailableAfterWrite(nil)
        }
    }

    /// Sends the write, with the lock's release behind it if one server holds both keys.
    private func send(
        _ progress: inout WriteProgress,
        _ id: SessionID,
        _ lock: SessionLock?
    ) async -> Result<MemcachedReply, MemcachedError> {
        let command = progress.write.command(sessionKey(id), sessionExpiration)
        do throws(MemcachedError) {
            // Without a CAS the release has to look first whose lock it is, and copies are made before it.
            if let lock, let cas = lock.cas, configuration.replicas == 0 || replicaServers(of: id).isEmpty {
                let release = MemcachedCommand.delete(lockKey(lock.id), ifUnchangedSince: cas)
                if let replies = try await sender.flight([command, release], timeout: commandTimeout, late: nil) {
                    if replies.count > 1 { progress.noteRelease(replies[1]) }
                    return replies.first ?? .failure(MemcachedReply.unexpected)
                }
            }
            return .success(try await sender.perform(command, timeout: commandTimeout, late: nil))
        } catch {
            return .failure(error)
        }
    }

    /// Gives the lock back if the flight did not, and says so if it had been lost.
    private func finish(_ lock: SessionLock, _ progress: WriteProgress) async throws(MemcachedSessionError) {
        switch progress.release {
        case .due:
            if case .lost = await release(lock), progress.write.needsLockToTheEnd { throw .lockLostAfterWrite }
        case .uncertain:
            // Gone or not, it is not ours any more after this.
            await release(lock, isUnheard: true)
        case .done:
            forget(lock)
        case .lost:
            noteLost(lock)
            forget(lock)
            if progress.write.needsLockToTheEnd { throw .lockLostAfterWrite }
        }
    }
}

/// A write, and what became of its lock on the way.
private struct WriteProgress {
    /// Whether the lock has been given back.
    enum Release {
        /// Not yet.
        case due
        /// It travelled with the write and its answer was lost.
        case uncertain
        case done
        /// The server said that it had gone before.
        case lost
    }

    var write: SessionWrite
    var release = Release.due

    /// The release that travelled with the write was answered, or was not.
    mutating func noteRelease(_ answer: Result<MemcachedReply, MemcachedError>) {
        switch answer {
        case .success(.delete(.deleted)): release = .done
        case .success(.delete(.notFound)): release = .lost
        case .failure(let error) where error.outcome == .unknown: release = .uncertain
        // "Exists" may be a renewal's doing whose answer was lost: the release that follows has a look.
        case .success, .failure: release = .due
        }
    }
}
