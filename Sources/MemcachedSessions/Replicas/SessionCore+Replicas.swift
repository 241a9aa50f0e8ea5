import Logging
import Memcached
import NIOCore

/// Copies of sessions on the servers that follow the session's own in the list, as php-memcached places them
/// (`libmemcached/storage.cc`, `delete.cc`). Locks are not copied.
///
/// PHP copies blindly and never prolongs a copy. Here a copy is made while the lock is held, prolonged with the session,
/// and read only when the session's own server says that it has none.
extension SessionCore {
    /// The servers that hold copies of a session.
    func replicaServers(of id: SessionID) -> [Int] {
        let count = sender.serverCount
        let copies = min(configuration.replicas, count - 1)
        guard copies > 0 else { return [] }
        let own = sender.serverIndex(of: sessionKey(id))
        return (1...copies).map { (own + $0) % count }
    }

    /// Does to the copies what was done to a session; what cannot be done is made up for by a later write.
    func copy(_ kind: SessionWrite.Kind, of id: SessionID) async {
        let servers = replicaServers(of: id)
        guard !servers.isEmpty else { return }
        let key = sessionKey(id)
        let expiration = sessionExpiration
        await withTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask { [self] in
                    do throws(MemcachedError) {
                        switch kind {
                        case .create(let bytes), .replace(let bytes, _):
                            // Never SET: one that is too large would remove the copy that is there.
                            let replace = MemcachedCommand.replace(
                                key,
                                bytes,
                                flags: 0,
                                expiration,
                                ifUnchangedSince: nil
                            )
                            guard case .notFound = try await perform(replace, on: server).storeResult() else { return }
                            _ = try await perform(.add(key, bytes, flags: 0, expiration), on: server)
                        case .touch:
                            _ = try await perform(.touch(key, expiration), on: server)
                        case .delete, .retire: break
                        }
                    } catch {
                        logger.debug("a copy of a session could not be kept", metadata: ["error": "\(error)"])
                    }
                }
            }
        }
    }

    /// Deletes the copies of a session, before the session itself: a copy that stays would bring it back.
    func deleteCopies(of id: SessionID) async throws(MemcachedSessionError) {
        for server in replicaServers(of: id) {
            do throws(MemcachedError) {
                _ = try await perform(.delete(sessionKey(id), ifUnchangedSince: nil), on: server).deleteResult()
            } catch {
                throw MemcachedSessionError(error)
            }
        }
    }

    /// The copy of a session that its own server does not have: the first that is found.
    ///
    /// A server that does not answer counts as one without a copy.
    func copied(_ id: SessionID) async -> MemcachedItem? {
        for server in replicaServers(of: id) {
            if let item = try? await perform(.getVerified(sessionKey(id)), on: server).item() { return item }
        }
        return nil
    }

    /// Stores a session again that only a copy was left of, by ADD, while its lock is held.
    func repaired(
        _ read: SessionRead,
        _ id: SessionID,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> SessionRead {
        guard read.item == nil, !read.isRevoked, let copy = await copied(id) else { return read }
        var found = read
        found.item = copy
        // What cannot be opened is not stored again.
        found = try unseal(found, id)
        do throws(MemcachedSessionError) {
            found.item?.cas = try await write(.create(copy.value), to: id, lock: lock, releasing: false)
        } catch  where error.code == .conflict {
            // It has just come back.
            return try await self.read(id)
        }
        logger.info("a session was stored again from a copy", metadata: ["session": "\(id.label)"])
        return found
    }

    private func perform(_ command: MemcachedCommand, on server: Int) async throws(MemcachedError) -> MemcachedReply {
        try await sender.perform(.routed(.server(server), command), timeout: commandTimeout, late: nil)
    }
}
