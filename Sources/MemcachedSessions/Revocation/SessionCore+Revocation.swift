import Logging
import Memcached
import NIOCore

/// A session that has to go although somebody else holds its lock is deleted, and a key beside it says so for a while:
/// a PHP request that is still busy with it will write it back, blindly.
extension SessionCore {
    /// The key that says of a session that it was destroyed without its lock.
    ///
    /// As long as that of the lock, so that it is never too long, and on the session's own server, so that one flight
    /// reads both.
    func revocationKey(_ id: SessionID) -> MemcachedKey { MemcachedKey(SessionID.revocationPrefix + id.name) }

    /// Nobody but PHP writes without looking, and PHP cannot read what is sealed.
    private var hasRevocations: Bool { configuration.revocation > .zero && sealed == nil }

    private func revocation(_ id: SessionID, _ command: MemcachedCommand) -> MemcachedCommand {
        .routed(.with(sessionKey(id)), command)
    }

    /// Reads a session and whether it is revoked; both keys live on one server.
    func readCommands(_ id: SessionID) -> [MemcachedCommand] {
        let session = MemcachedCommand.getVerified(sessionKey(id))
        guard hasRevocations else { return [session] }
        return [session, revocation(id, .getVerified(revocationKey(id)))]
    }

    /// Reads a session; without an item only when the key's own server said that there is none.
    func read(_ id: SessionID) async throws(MemcachedSessionError) -> SessionRead {
        let read: SessionRead
        do throws(MemcachedError) {
            guard let replies = try await sender.flight(readCommands(id), timeout: commandTimeout, late: nil) else {
                throw MemcachedReply.unexpected
            }
            read = try SessionRead(replies)
        } catch {
            throw MemcachedSessionError(error)
        }
        return try unseal(read, id)
    }

    /// Deletes what somebody stored again after it had been revoked, while its lock is held.
    func removeRevived(_ read: SessionRead, _ id: SessionID, _ lock: SessionLock?) async {
        guard let cas = read.revived else { return }
        logger.info("a destroyed session was stored again and is not used", metadata: ["session": "\(id.label)"])
        tell(MemcachedSessionEvent(.revived, route: lock?.route))
        if lock != nil { await delete(sessionKey(id), ifUnchangedSince: cas) }
    }

    /// Deletes a session whose lock another request holds, and lets Swift processes know for a while.
    func destroyWithoutLock(_ id: SessionID) async throws(MemcachedSessionError) {
        if hasRevocations { try await revoke(id) }
        try await write(.delete(nil), to: id, lock: nil, releasing: false)
        guard configuration.locking.isEnabled else { return }
        logger.info(
            "a session was destroyed although another request held its lock",
            metadata: ["session": "\(id.label)"]
        )
        tell(MemcachedSessionEvent(.destroyedWithoutLock))
    }

    /// Stores the key that says so: first, so that there is no moment at which a session could come back unseen.
    private func revoke(_ id: SessionID) async throws(MemcachedSessionError) {
        let key = revocationKey(id)
        let expiration = MemcachedExpiration.after(configuration.revocation)
        // An answer that was lost is made up for by the next round: what is there already is prolonged.
        var failure: MemcachedError?
        for _ in 1...3 {
            do throws(MemcachedError) {
                let add = revocation(id, .add(key, ByteBuffer(string: "1"), flags: 0, expiration))
                if case .stored = try await sender.perform(add, timeout: commandTimeout, late: nil).storeResult() {
                    return
                }
                let touch = revocation(id, .touch(key, expiration))
                if case .touched(true) = try await sender.perform(touch, timeout: commandTimeout, late: nil) { return }
            } catch {
                guard error.outcome == .unknown else { throw MemcachedSessionError(error) }
                failure = error
            }
        }
        throw MemcachedSessionError(failure ?? MemcachedReply.unexpected)
    }
}
