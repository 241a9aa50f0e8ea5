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
        guard left.mustLook else { return }
        // On the connection of the ADD this read comes after it, so it says for certain what the ADD has done.
        let timeout = configuration.locking.releaseTimeout
        await shielded { [self] in
            let item = try? await sender.perform(.getVerified(key), timeout: timeout, late: nil).item()
            guard let item, item.value == request.token else { return }
            await delete(key, ifUnchangedSince: item.cas)
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

    /// Deletes a key, whatever becomes of the calling task; what cannot be deleted runs out.
    func delete(_ key: MemcachedKey, ifUnchangedSince cas: MemcachedCAS?) async {
        let timeout = configuration.locking.releaseTimeout
        await shielded { [self] in
            _ = try? await sender.perform(.delete(key, ifUnchangedSince: cas), timeout: timeout, late: nil)
        }
    }
}
