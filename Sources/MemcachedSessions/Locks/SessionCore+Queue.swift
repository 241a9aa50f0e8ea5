import Synchronization

extension SessionCore {
    /// Waits until this request may ask the server for a session's lock.
    func takeTurn(
        for id: SessionID,
        deadline: SessionTime.Instant
    ) async throws(MemcachedSessionError) -> Turn {
        // Usually nobody else is there, and nothing is waited for.
        if queue.withLock({ $0.enterAtOnce(id) }) { return Turn(id, self) }
        let ticket = nextTicket.add(1, ordering: .relaxed).oldValue
        let error = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: Waiter) in
                enter(id, ticket, deadline, waiter)
            }
        } onCancel: {
            cancel(id, ticket)
        }
        if let error { throw error }
        return Turn(id, self)
    }

    /// Lets the next request of this process have its turn; for ``Turn``.
    func leave(_ id: SessionID) {
        let next = queue.withLock { $0.leave(id) }
        next?.resume(returning: nil)
    }

    private func enter(_ id: SessionID, _ ticket: UInt64, _ deadline: SessionTime.Instant, _ waiter: Waiter) {
        let entry = queue.withLock { $0.enter(id, ticket: ticket, deadline: deadline, waiter: waiter) }
        switch entry {
        case .go:
            waiter.resume(returning: nil)
        case .full:
            waiter.resume(
                returning: MemcachedSessionError(
                    .tooManyWaiters,
                    "\(configuration.locking.maximumWaiters) requests of this session wait already in this process "
                        + "(locking.maximumWaiters); answer 503 or 429"
                )
            )
        case .wait:
            setQueueAlarm(deadline)
            // Whoever comes first, this or the handler of the cancellation, resumes it.
            if Task.isCancelled { cancel(id, ticket) }
        }
    }

    private func cancel(_ id: SessionID, _ ticket: UInt64) {
        let waiter = queue.withLock { $0.cancel(id, ticket: ticket) }
        waiter?
            .resume(
                returning: MemcachedSessionError(
                    .cancelled,
                    "the request was cancelled while it waited for its session"
                )
            )
    }

    private func setQueueAlarm(_ instant: SessionTime.Instant) {
        queueAlarm.set(instant) { [weak self] in self?.expireTurns() }
    }

    private func expireTurns() {
        let (expired, next) = queue.withLock { $0.expire(at: time.now()) }
        if let next { setQueueAlarm(next) }
        guard !expired.isEmpty else { return }
        let error = MemcachedSessionError(
            .locked,
            "other requests of this process used the session for longer than locking.timeout; hold sessions for shorter, "
                + "or raise it"
        )
        for waiter in expired { waiter.resume(returning: error) }
    }
}
