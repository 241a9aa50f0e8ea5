import Logging
import Memcached
import NIOCore

extension SessionCore {
    /// An id with the name under which its session is stored.
    func named(_ id: SessionID) -> SessionID {
        guard let sealed else { return id }
        var id = id
        id.name = sealed.name(of: id.text)
        return id
    }

    /// A session as it is stored.
    func seal(_ bytes: ByteBuffer, _ id: SessionID) throws(MemcachedSessionError) -> ByteBuffer {
        guard let sealed else { return bytes }
        do {
            return try sealed.seal(bytes, name: id.name)
        } catch {
            throw MemcachedSessionError(
                .encodingFailed,
                "the session could not be sealed; nothing was stored",
                cause: error
            )
        }
    }

    /// What was read, opened; the session stays as it is when that is not possible.
    func unseal(_ read: SessionRead, _ id: SessionID) throws(MemcachedSessionError) -> SessionRead {
        var read = present(read)
        guard let sealed, let item = read.item else { return read }
        guard let opened = sealed.open(item.value, name: id.name) else {
            throw MemcachedSessionError(
                .unsealable,
                "the session was not sealed for its key by one of sealing.keys and was left as it is: another key, "
                    + "another application or prefix, or somebody changed it"
            )
        }
        read.item = MemcachedItem(value: opened.value, flags: item.flags, cas: item.cas)
        read.isOutdated = !opened.isCurrent
        return read
    }

    /// A session that was stored before sealing was switched on.
    func plain(_ id: SessionID) async throws(MemcachedSessionError) -> MemcachedItem? {
        guard let sealed, let end = configuration.sealing?.acceptsPlainUntil, time.date() < end else { return nil }
        let item = try await readItem(MemcachedKey(id.text), timeout: commandTimeout)
        // Nobody shall pass off another session's name for an id, and its sealed bytes for a session.
        guard let item, !sealed.isSealed(item.value) else { return nil }
        return item
    }

    /// Deletes a session that was stored before sealing was switched on and that nobody has sealed yet, or that stayed
    /// when it was sealed: a later request would take it over.
    func deletePlain(_ id: SessionID) async throws(MemcachedSessionError) {
        guard try await plain(id) != nil else { return }
        do throws(MemcachedError) {
            let delete = MemcachedCommand.delete(MemcachedKey(id.text), ifUnchangedSince: nil)
            _ = try await sender.perform(delete, timeout: commandTimeout, late: nil).deleteResult()
        } catch {
            throw MemcachedSessionError(error)
        }
    }

    /// Seals a session that was stored before sealing was switched on, while its lock is held.
    func takingOver(
        _ read: SessionRead,
        _ id: SessionID,
        _ lock: SessionLock?
    ) async throws(MemcachedSessionError) -> SessionRead {
        guard read.item == nil, !read.isRevoked, let plain = try await plain(id) else { return read }
        let cas = try await write(.create(try seal(plain.value, id)), to: id, lock: lock, releasing: false)
        await delete(MemcachedKey(id.text), ifUnchangedSince: plain.cas)
        logger.debug("a plain session was sealed", metadata: ["session": "\(id.label)"])
        var read = read
        read.item = MemcachedItem(value: plain.value, flags: 0, cas: cas)
        return read
    }
}
