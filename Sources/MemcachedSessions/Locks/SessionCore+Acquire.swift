import Memcached
import Synchronization

extension SessionCore {
    /// A lock, and the answers of the commands that travelled with it.
    struct Acquired: Sendable {
        var lock: SessionLock
        /// None when the commands have not been sent.
        var companions: [Result<MemcachedReply, MemcachedError>]
    }

    /// How one attempt to lock a session ended.
    private enum Attempt {
        case held(Acquired)
        /// Somebody else holds the lock, or nobody did when it was looked at.
        case refused(by: LockSchedule.Holder?)
        case failed(MemcachedSessionError)
    }

    /// Locks a session, waiting for whoever holds it on the server.
    ///
    /// - Parameters:
    ///   - id: The session.
    ///   - turn: The caller's turn in this process, which then ends with the lock.
    ///   - companions: Commands to send behind the ADD in the same flight, if one server holds all keys. Their answers
    ///     mean something only because the lock is held.
    ///   - deadline: Until when to try.
    ///   - waits: Whether to wait at all when somebody holds the lock.
    ///   - route: The route of the request, for events.
    /// - Returns: The lock, and what the companions were answered.
    /// - Throws: ``MemcachedSessionError/Code/locked`` when somebody else holds it; what the client threw.
    func lock(
        _ id: SessionID,
        turn: Turn?,
        with companions: [MemcachedCommand],
        deadline: SessionTime.Instant,
        waits: Bool = true,
        route: String? = nil
    ) async throws(MemcachedSessionError) -> Acquired {
        let request = LockRequest(id, turn, route: route)
        do throws(MemcachedSessionError) {
            let acquired = try await compete(request, companions, deadline, waits: waits)
            request.claim.withLock { $0.settle(acquired.lock.cas) }
            keeper.keep(acquired.lock) { [weak self] in await self?.renew($0) }
            return acquired
        } catch {
            await abandon(request)
            throw error
        }
    }

    private func compete(
        _ request: LockRequest,
        _ companions: [MemcachedCommand],
        _ deadline: SessionTime.Instant,
        waits: Bool
    ) async throws(MemcachedSessionError) -> Acquired {
        var schedule = LockSchedule(configuration.locking, deadline: deadline)
        var attempts = 0
        while true {
            attempts += 1
            switch await attempt(request, companions, deadline, looks: attempts > 1) {
            case .held(let acquired): return acquired
            case .failed(let error): throw error
            case .refused(let holder):
                if !waits, holder == nil {
                    // Nobody else knows the id: an ADD of ours was lost on the way.
                    guard attempts < 3 else { throw .unavailableAfterWrite(nil) }
                    continue
                }
                let step = schedule.refused(by: holder, at: time.now(), jitter: time.jitter())
                guard waits, case .wait(let until) = step else { throw .locked(attempts: attempts) }
                do {
                    try await time.sleep(until)
                } catch {
                    throw MemcachedSessionError(
                        .cancelled,
                        "the request was cancelled while it waited for its session's lock"
                    )
                }
            }
        }
    }

    /// Sends one ADD, with the companions behind it.
    ///
    /// When asked to, it reads the lock as well, to see who holds it if the ADD is refused.
    private func attempt(
        _ request: LockRequest,
        _ companions: [MemcachedCommand],
        _ deadline: SessionTime.Instant,
        looks: Bool
    ) async -> Attempt {
        let sent = time.now()
        let timeout = min(commandTimeout, max(.milliseconds(1), sent.duration(to: deadline)))
        let key = lockKey(request.id)
        let add = MemcachedCommand.add(key, request.token, flags: 0, lockExpiration)
        let look = looks ? [MemcachedCommand.getVerified(key)] : []
        let late: MemcachedClient.LateReply = { [weak self] index, reply in
            guard index == 0 else { return }
            self?.lateAnswer(reply, request)
        }
        var replies: [Result<MemcachedReply, MemcachedError>] = []
        var answers: [Result<MemcachedReply, MemcachedError>] = []
        do throws(MemcachedError) {
            if let flight = try await sender.flight([add] + look + companions, timeout: timeout, late: late) {
                replies = flight
                answers = Array(flight.dropFirst(1 + look.count))
            } else if let flight = try await sender.flight([add] + look, timeout: timeout, late: late) {
                replies = flight
            }
        } catch {
            replies = [.failure(error)]
        }
        switch (replies.first ?? .failure(MemcachedReply.unexpected)).flatMapStore() {
        case .success(.stored(let cas)) where cas != nil || configuration.allowsUnfencedServers:
            // An earlier attempt of which we have not heard may have carried the companions out.
            if request.claim.withLock({ $0.uncertainSince != nil }) { answers = companions.map { _ in Self.unheard } }
            return .held(Acquired(lock: makeLock(request, cas, sent), companions: answers))
        case .success(.stored(nil)):
            // Ours, and without a CAS there is no other way to give it back.
            await delete(key, ifUnchangedSince: nil)
            return .failed(.unsafeServer(serverLabel(of: key), "ADD gave no CAS"))
        case .success:
            if request.claim.withLock({ $0.uncertainSince != nil }) { return await recognise(request, timeout) }
            guard looks, replies.count > 1, case .success(.item(let item?)) = replies[1] else {
                return .refused(by: nil)
            }
            return .refused(by: LockSchedule.Holder(item))
        case .failure(let error):
            guard error.outcome == .unknown else { return .failed(MemcachedSessionError(error)) }
            request.claim.withLock { $0.lost(sent: sent) }
            guard error.code != .cancelled else { return .failed(MemcachedSessionError(error)) }
            return await recognise(request, timeout)
        }
    }

    /// Reads the lock back after an answer was lost, to see whether it is ours.
    private func recognise(_ request: LockRequest, _ timeout: Duration) async -> Attempt {
        do throws(MemcachedSessionError) {
            guard let item = try await readItem(lockKey(request.id), timeout: timeout) else { return .refused(by: nil) }
            guard item.value == request.token else { return .refused(by: LockSchedule.Holder(item)) }
            let cas = item.cas
            guard cas != nil || configuration.allowsUnfencedServers else {
                return .failed(.unsafeServer(serverLabel(of: lockKey(request.id)), "a read gave no CAS"))
            }
            // Which of the attempts stored it is not known: the lease began no earlier than the first of them.
            let sent = request.claim.withLock { $0.uncertainSince } ?? time.now()
            return .held(Acquired(lock: makeLock(request, cas, sent), companions: [Self.unheard]))
        } catch {
            request.claim.withLock { $0.unreachable() }
            return .failed(error)
        }
    }

    /// The answer of a companion that may have been carried out without our having heard of it.
    private static var unheard: Result<MemcachedReply, MemcachedError> {
        .failure(MemcachedError(.connectionLost, "the answer was lost", outcome: .unknown))
    }

    private func makeLock(_ request: LockRequest, _ cas: MemcachedCAS?, _ sent: SessionTime.Instant) -> SessionLock {
        SessionLock(
            request,
            acquired: time.now(),
            lease: LockLease(cas: cas, sent: sent, lease: configuration.locking.lease)
        )
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
