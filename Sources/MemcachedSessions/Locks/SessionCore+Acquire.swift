import Logging
import Memcached
import NIOCore
import Synchronization

extension SessionCore {
    /// A lock, and the answer of the command that travelled with it.
    struct Acquired: Sendable {
        var lock: SessionLock
        /// Nil when the command has not been sent.
        var companion: Result<MemcachedReply, MemcachedError>?
    }

    /// How one attempt to lock a session ended.
    private enum Attempt {
        case held(Acquired)
        /// Somebody else holds the lock.
        case refused
        /// It is not known to have been stored, and the server could be asked.
        case missing
        case failed(MemcachedSessionError)
    }

    /// What all attempts of one request share.
    private final class Claim: Sendable {
        let id: SessionID
        let turn: Turn?
        /// Random, so that a lock of this request can be told from everybody else's.
        let token: ByteBuffer
        let state = Mutex(LockClaim())
        /// Whether an ADD may have been carried out without our having heard of it.
        let isUncertain = Atomic<Bool>(false)
        /// Whether the server did not answer when it was asked for the lock.
        let isUnreachable = Atomic<Bool>(false)

        init(_ id: SessionID, _ turn: Turn?) {
            self.id = id
            self.turn = turn
            let words = [UInt64.random(in: .min ... .max), .random(in: .min ... .max)]
            self.token = ByteBuffer(string: words.map { String($0, radix: 36) }.joined(separator: "."))
        }
    }

    /// Locks a session, waiting for whoever holds it on the server.
    ///
    /// - Parameters:
    ///   - id: The session.
    ///   - turn: The caller's turn in this process, which then ends with the lock.
    ///   - companion: A command to send behind the ADD in the same flight, if one server holds both keys. Its answer
    ///     means something only because the lock is held.
    ///   - deadline: Until when to try.
    ///   - waits: Whether to wait at all when somebody holds the lock.
    /// - Returns: The lock, and what the companion was answered.
    /// - Throws: ``MemcachedSessionError/Code/locked`` when somebody else holds it; what the client threw.
    func lock(
        _ id: SessionID,
        turn: Turn?,
        with companion: MemcachedCommand,
        deadline: SessionTime.Instant,
        waits: Bool = true
    ) async throws(MemcachedSessionError) -> Acquired {
        let claim = Claim(id, turn)
        var schedule = LockSchedule(configuration.locking, deadline: deadline)
        while true {
            switch await attempt(claim, companion, deadline) {
            case .held(let acquired):
                claim.state.withLock { $0.settle() }
                keeper.keep(acquired.lock) { [weak self] in await self?.renew($0) }
                return acquired
            case .failed(let error):
                await abandon(claim)
                throw error
            case .refused where !waits:
                await abandon(claim)
                throw .locked(retries: 0)
            case .refused, .missing:
                switch schedule.refused(at: time.now(), jitter: time.jitter()) {
                case .giveUp:
                    await abandon(claim)
                    throw .locked(retries: configuration.locking.retries)
                case .wait(let until):
                    do {
                        try await time.sleep(until)
                    } catch {
                        await abandon(claim)
                        throw MemcachedSessionError(
                            .cancelled,
                            "the request was cancelled while it waited for its session's lock"
                        )
                    }
                }
            }
        }
    }

    /// Sends one ADD, with the companion behind it.
    private func attempt(
        _ claim: Claim,
        _ companion: MemcachedCommand,
        _ deadline: SessionTime.Instant
    ) async -> Attempt {
        let sent = time.now()
        let timeout = min(commandTimeout, max(.milliseconds(1), sent.duration(to: deadline)))
        let add = MemcachedCommand.add(lockKey(claim.id), claim.token, flags: 0, lockExpiration)
        let late: MemcachedClient.LateReply = { [weak self] index, reply in
            guard index == 0 else { return }
            self?.lateAnswer(reply, claim)
        }
        var replies: [Result<MemcachedReply, MemcachedError>]
        do throws(MemcachedError) {
            if let flight = try await sender.flight([add, companion], timeout: timeout, late: late) {
                replies = flight
            } else {
                replies = [.success(try await sender.perform(add, timeout: timeout, late: late))]
            }
        } catch {
            replies = [.failure(error)]
        }
        let answer = replies.first ?? .failure(MemcachedReply.unexpected)
        let companionAnswer = replies.count > 1 ? replies[1] : nil
        switch answer.flatMapStore() {
        case .success(.stored(let cas?)):
            let companionAnswer = claim.isUncertain.load(ordering: .relaxed) ? Self.unheard : companionAnswer
            return .held(Acquired(lock: makeLock(claim, cas, sent), companion: companionAnswer))
        case .success(.stored(nil)):
            // Ours, and without a CAS there is no other way to give it back.
            await delete(lockKey(claim.id), ifUnchangedSince: nil)
            return .failed(.unsafeServer)
        case .success:
            guard claim.isUncertain.load(ordering: .relaxed) else { return .refused }
            return await recognise(claim, sent, timeout)
        case .failure(let error) where error.outcome == .unknown && error.code != .cancelled:
            claim.isUncertain.store(true, ordering: .relaxed)
            return await recognise(claim, sent, timeout)
        case .failure(let error):
            if error.outcome == .unknown { claim.isUncertain.store(true, ordering: .relaxed) }
            return .failed(MemcachedSessionError(error))
        }
    }

    /// Reads the lock back, to see whether it is ours.
    private func recognise(
        _ claim: Claim,
        _ sent: SessionTime.Instant,
        _ timeout: Duration
    ) async -> Attempt {
        do throws(MemcachedSessionError) {
            guard let item = try await readItem(lockKey(claim.id), timeout: timeout) else { return .missing }
            guard item.value == claim.token else { return .refused }
            guard let cas = item.cas else { return .failed(.unsafeServer) }
            return .held(Acquired(lock: makeLock(claim, cas, sent), companion: Self.unheard))
        } catch {
            claim.isUnreachable.store(true, ordering: .relaxed)
            return .failed(error)
        }
    }

    /// The answer of a companion that may have been carried out by an earlier attempt.
    private static var unheard: Result<MemcachedReply, MemcachedError> {
        .failure(MemcachedError(.connectionLost, "the answer was lost", outcome: .unknown))
    }

    private func makeLock(
        _ claim: Claim,
        _ cas: MemcachedCAS,
        _ sent: SessionTime.Instant
    ) -> SessionLock {
        SessionLock(
            id: claim.id,
            token: claim.token,
            acquired: time.now(),
            lease: LockLease(cas: cas, sent: sent, lease: configuration.locking.lease),
            turn: claim.turn
        )
    }

    // MARK: Giving up

    /// Leaves no lock behind that one of the attempts may have left, and ends the request's turn.
    private func abandon(_ claim: Claim) async {
        // A late answer may hold on to the claim, and nobody shall wait for that.
        defer { claim.turn?.end() }
        let strays = claim.state.withLock { $0.abandon() }
        for cas in strays { await delete(lockKey(claim.id), ifUnchangedSince: cas) }
        guard
            strays.isEmpty, claim.isUncertain.load(ordering: .relaxed), !claim.isUnreachable.load(ordering: .relaxed)
        else { return }
        // On the connection of the ADD this read comes after it, so it says for certain what the ADD has done.
        let timeout = configuration.locking.releaseTimeout
        await shielded { [self] in
            let item = try? await sender.perform(.getVerified(lockKey(claim.id)), timeout: timeout, late: nil).item()
            guard let item, item.value == claim.token else { return }
            await delete(lockKey(claim.id), ifUnchangedSince: item.cas)
        }
    }

    /// An ADD was answered when its caller had stopped waiting.
    private func lateAnswer(_ reply: Result<MemcachedReply, MemcachedError>, _ claim: Claim) {
        guard case .success(.stored(let cas?)) = reply.flatMapStore() else { return }
        guard let stray = claim.state.withLock({ $0.late(cas) }) else { return }
        logger.debug("a lock came late and is given back", metadata: ["session": "\(claim.id.label)"])
        // Ends by itself: one command with a timeout.
        Task.detached { [self] in await delete(lockKey(claim.id), ifUnchangedSince: stray) }
    }

    /// Deletes a lock, whatever becomes of the calling task.
    ///
    /// What cannot be deleted runs out.
    func delete(_ key: MemcachedKey, ifUnchangedSince cas: MemcachedCAS?) async {
        let timeout = configuration.locking.releaseTimeout
        await shielded { [self] in
            _ = try? await sender.perform(.delete(key, ifUnchangedSince: cas), timeout: timeout, late: nil)
        }
    }
}

extension Result<MemcachedReply, MemcachedError> {
    /// The answer of an ADD or REPLACE.
    func flatMapStore() -> Result<MemcachedStoreResult, MemcachedError> {
        flatMap { reply in
            do throws(MemcachedError) {
                return .success(try reply.storeResult())
            } catch {
                return .failure(error)
            }
        }
    }
}
