import Logging
import Memcached
import Synchronization

extension SessionCore {
    /// What became of a lock that was given back.
    enum Release: Sendable {
        case released
        /// It was another's, or nobody's, already.
        case lost
        /// The server could not be asked; it will run out.
        case unknown
    }

    /// Gives a lock back, whatever becomes of the calling task, and lets the next request of this process have its turn.
    ///
    /// - Parameters:
    ///   - lock: The lock.
    ///   - isUnheard: Whether a DELETE of it has been sent whose answer was lost.
    /// - Returns: What became of it.
    @discardableResult
    func release(_ lock: SessionLock, isUnheard: Bool = false) async -> Release {
        let release = await shielded { [self] in
            let deadline = time.now() + configuration.locking.releaseTimeout
            await endRenewals(of: lock)
            return await deleteLock(lock, by: deadline, isUnheard: isUnheard)
        }
        forget(lock)
        switch release {
        case .released: break
        case .lost: noteLost(lock)
        case .unknown:
            logger.debug("a lock could not be given back and will run out", metadata: ["session": "\(lock.id.label)"])
        }
        return release
    }

    /// Lets no renewal of a lock begin any more; one under way may take half of the time that giving the lock back may.
    func endRenewals(of lock: SessionLock) async {
        guard let renewal = lock.endRenewals() else { return }
        let deadline = time.now() + configuration.locking.releaseTimeout / 2
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [time] in
                // Fails when the renewal has ended before.
                do { try await time.sleep(deadline) } catch { return }
                renewal.cancel()
            }
            await renewal.value
            group.cancelAll()
        }
    }

    /// Notes that a lock is no longer held, and lets the next request of this process have its turn.
    func forget(_ lock: SessionLock) {
        keeper.release(lock)
        noteHold(of: lock)
        lock.turn?.end()
    }

    /// Deletes a lock if it is still ours.
    private func deleteLock(
        _ lock: SessionLock,
        by deadline: SessionTime.Instant,
        isUnheard: Bool
    ) async -> Release {
        // When a DELETE was sent of which we have not heard, it may be our own doing that the lock is gone.
        var gone = isUnheard ? Release.released : .lost
        for _ in 1...3 {
            let left = time.now().duration(to: deadline)
            guard left > .zero else { return .unknown }
            if lock.cas == nil {
                switch await recognise(lock, within: left) {
                case .ours: break
                case .others, .missing: return gone
                case .unknown: return .unknown
                }
            }
            do throws(MemcachedError) {
                let command = MemcachedCommand.delete(lockKey(lock.id), ifUnchangedSince: lock.cas)
                switch try await sender.perform(command, timeout: left, late: nil).deleteResult() {
                case .deleted: return .released
                case .notFound: return gone
                case .exists:
                    // Ours all the same if a renewal's answer was lost.
                    guard await recognise(lock, within: left) == .ours else { return gone }
                }
            } catch {
                guard error.outcome == .unknown else { return .unknown }
                gone = .released
            }
        }
        return .unknown
    }

    /// What a lock that was read back turned out to be.
    enum Recognition: Equatable {
        case ours
        case others
        case missing
        case unknown
    }

    /// Reads a lock back and takes note of its CAS if it is ours.
    func recognise(_ lock: SessionLock, within timeout: Duration) async -> Recognition {
        do throws(MemcachedSessionError) {
            guard let item = try await readItem(lockKey(lock.id), timeout: timeout) else { return .missing }
            guard lock.isSame(item) else { return .others }
            lock.update { $0.recognise(cas: item.cas) }
            return .ours
        } catch {
            return .unknown
        }
    }

    /// Gives a lock its full lease again.
    func renew(_ lock: SessionLock) async {
        for _ in 1...2 {
            let sent = time.now()
            let timeout = min(commandTimeout, lock.remaining(at: sent))
            guard timeout > .zero else { break }
            let lease = configuration.locking.lease
            if lock.cas == nil {
                switch await recognise(lock, within: timeout) {
                case .ours: break
                case .unknown: return
                case .others, .missing: return lose(lock)
                }
            }
            let command = MemcachedCommand.replace(
                lockKey(lock.id),
                lock.token,
                flags: 0,
                lockExpiration,
                ifUnchangedSince: lock.cas
            )
            do throws(MemcachedError) {
                let result = try await sender.perform(command, timeout: timeout, late: nil).storeResult()
                if case .stored(let cas) = result {
                    return lock.update { $0.renew(cas: cas, sent: sent, lease: lease) }
                }
            } catch {
                // Not sent or refused: the lease goes on, and so does the next attempt.
                guard error.outcome == .unknown else { return }
            }
            switch await recognise(lock, within: timeout) {
            case .ours: continue
            case .unknown: return
            case .others, .missing: return lose(lock)
            }
        }
    }

    private func lose(_ lock: SessionLock) {
        noteLost(lock)
        lock.update { $0.lose() }
    }

    /// Stores a lock again that the server does not have any more.
    ///
    /// - Throws: ``MemcachedSessionError/Code/lockLost`` or ``MemcachedSessionError/Code/unavailable``, both with an
    ///   unknown outcome: it is called only after a write whose answer was lost.
    func lockAgain(_ lock: SessionLock) async throws(MemcachedSessionError) {
        let sent = time.now()
        let command = MemcachedCommand.add(lockKey(lock.id), lock.token, flags: 0, lockExpiration)
        let lease = configuration.locking.lease
        let result: MemcachedStoreResult
        do throws(MemcachedError) {
            result = try await sender.perform(command, timeout: commandTimeout, late: nil).storeResult()
        } catch {
            throw .unavailableAfterWrite(error)
        }
        guard case .stored(let cas) = result else { throw .lockLostAfterWrite }
        lock.update { $0.renew(cas: cas, sent: sent, lease: lease) }
    }
}
