import Logging
import Memcached
import Synchronization

extension SessionCore {
    /// Leaves no lock behind that one of a request's attempts may have left, and ends the request's turn.
    func abandon(_ request: LockRequest) async {
        // A late answer may hold on to the request, and nobody shall wait for that.
        defer { request.turn?.end() }
        let key = lockKey(request.id)
        let left = request.claim.withLock { $0.abandon() }
        for cas in left.strays { await delete(key, ifUnchangedSince: cas) }
        switch left.look {
        case .never: break
        case .now:
            // On the connection of the ADD this read comes after it, so it says for certain what the ADD has done.
            let search = await shielded { [self] in await releaseIfThere(request) }
            if search == .unknown { searchLater(request) }
        case .later: searchLater(request)
        }
    }

    /// Looks for a lock of a request that was given up behind its back.
    private func searchLater(_ request: LockRequest) {
        // Ends by itself: when it was found, was twice not there, or its lease is over.
        Task.detached { [weak self, time, lease = configuration.locking.lease] in
            await Self.searchLater(time, lease) { [weak self] in await self?.releaseIfThere(request) }
        }
    }

    /// What looking for a lock of ours led to.
    enum Search: Sendable {
        case released
        case missing
        case unknown
    }

    /// Looks for a lock of a request that was given up, and deletes it.
    private func releaseIfThere(_ request: LockRequest) async -> Search {
        let key = lockKey(request.id)
        let timeout = configuration.locking.releaseTimeout
        do throws(MemcachedError) {
            let item = try await sender.perform(.getVerified(key), timeout: timeout, late: nil).item()
            guard let item, item.value == request.token else { return .missing }
            await delete(key, ifUnchangedSince: item.cas)
            return .released
        } catch {
            return .unknown
        }
    }

    /// Looks again and again, at growing intervals, while the lock could still be there.
    ///
    /// Without the handler, `look` returns nil and there is nothing more to do.
    private static func searchLater(
        _ time: SessionTime,
        _ lease: Duration,
        look: @Sendable () async -> Search?
    ) async {
        let deadline = time.now() + lease
        var pause: Duration = .milliseconds(100)
        var misses = 0
        while time.now() < deadline, misses < 2 {
            do {
                try await time.sleep(time.now() + pause)
            } catch {
                return
            }
            pause = min(.seconds(2), pause * 2)
            switch await look() {
            case .released, nil: return
            // The ADD may still be on its way to the server, on a connection that is gone here.
            case .missing: misses += 1
            case .unknown: continue
            }
        }
    }

    /// An ADD was answered when its caller had stopped waiting.
    func lateAnswer(_ reply: Result<MemcachedReply, MemcachedError>, _ request: LockRequest) {
        guard case .success(.stored(let cas?)) = reply.flatMapStore() else { return }
        guard let stray = request.claim.withLock({ $0.late(cas) }) else { return }
        logger.debug("a lock came late and is given back", metadata: ["session": "\(request.id.label)"])
        // Ends by itself: one command with a timeout.
        Task.detached { [self] in await delete(lockKey(request.id), ifUnchangedSince: stray) }
    }

    /// How often a key is deleted whose connections go meanwhile.
    private static let deletions = 3

    /// Deletes a key, whatever becomes of the calling task; what cannot be deleted runs out.
    func delete(_ key: MemcachedKey, ifUnchangedSince cas: MemcachedCAS?) async {
        let deadline = time.now() + configuration.locking.releaseTimeout
        await shielded { [self] in
            for _ in 1...Self.deletions {
                let left = time.now().duration(to: deadline)
                guard left > .zero else { return }
                do throws(MemcachedError) {
                    _ = try await sender.perform(.delete(key, ifUnchangedSince: cas), timeout: left, late: nil)
                    return
                } catch {
                    // Deleted by its CAS it is deleted once, however often that is sent.
                    guard error.code == .connectionLost, cas != nil else { return }
                }
            }
        }
    }
}
