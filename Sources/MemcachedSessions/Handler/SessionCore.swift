import Logging
import Memcached
import NIOCore
import Synchronization

/// What stands behind a handler: keys, locks, reads and writes, over anything that carries out commands.
final class SessionCore: Sendable {
    typealias Waiter = UnsafeContinuation<MemcachedSessionError?, Never>

    let configuration: MemcachedSessionConfiguration
    let sender: any CommandSender
    let time: SessionTime
    let keeper: LockKeeper
    let queue: Mutex<LockQueue<Waiter>>
    let queueAlarm: Alarm
    let nextTicket = Atomic<UInt64>(1)
    /// Routes for which a hold of more than half a second has been logged.
    let slowRoutes = Mutex<Set<String>>([])
    let touches = Mutex(TouchTimes())
    let safety = Mutex(ServerSafety())
    /// The number of the list of servers of which each is known to be safe, -1 for none yet; relaxed, because what it
    /// tells does not become untrue.
    let safeGeneration = Atomic<Int>(-1)
    /// Nil where sessions are stored as they are.
    let sealed: SealedKeys?
    /// Nil where nobody wants metrics.
    let metrics: SessionMetrics?

    init(_ configuration: MemcachedSessionConfiguration, sender: any CommandSender, time: SessionTime = .system) {
        self.configuration = configuration
        self.sender = sender
        self.time = time
        self.keeper = LockKeeper(time, lease: configuration.locking.lease)
        self.queue = Mutex(LockQueue(maximumWaiters: configuration.locking.maximumWaiters))
        self.queueAlarm = Alarm(time)
        self.metrics = SessionMetrics(configuration)
        self.sealed = configuration.sealing.flatMap { SealedKeys($0, prefix: configuration.prefix) }
    }

    var logger: Logger { configuration.client.logger }

    /// How long one command may take.
    var commandTimeout: Duration { configuration.client.timeouts.operation }

    // MARK: Ids and keys

    /// An id that a client brought; nil when it is none.
    func sessionID(_ text: String?) -> SessionID? {
        text.flatMap { SessionID($0, prefix: configuration.prefix) }.map(named)
    }

    /// A new id.
    func makeID() throws(MemcachedSessionError) -> SessionID {
        let text = SessionIDGenerator(configuration.ids).next()
        guard let id = SessionID(text, prefix: configuration.prefix) else {
            throw MemcachedSessionError(.invalidConfiguration, "prefix and ids.length do not fit into a key")
        }
        return named(id)
    }

    func sessionKey(_ id: SessionID) -> MemcachedKey { MemcachedKey(id.name) }

    func lockKey(_ id: SessionID) -> MemcachedKey { MemcachedKey(SessionID.lockPrefix + id.name) }

    /// When sessions stored now go.
    var sessionExpiration: MemcachedExpiration {
        switch configuration.lifetime {
        case .never: .never
        case .after(let lifetime): .after(lifetime)
        }
    }

    var lockExpiration: MemcachedExpiration { .after(configuration.locking.lease) }

    /// Checks a session's size before anything of it is sent.
    ///
    /// - Parameters:
    ///   - bytes: The session as it is stored.
    ///   - id: Its id.
    /// - Throws: ``MemcachedSessionError/Code/tooLarge``.
    func requireSize(_ bytes: ByteBuffer, under id: SessionID) throws(MemcachedSessionError) {
        let size = configuration.prefix.utf8.count + id.name.utf8.count + bytes.readableBytes
        guard size <= configuration.maximumBytes else {
            throw MemcachedSessionError(
                .tooLarge,
                "key and session have \(size) bytes and the limit is \(configuration.maximumBytes) (maximumBytes); keep "
                    + "less in the session. What was stored before stays"
            )
        }
    }

    func serverLabel(of key: MemcachedKey) -> String { sender.serverLabel(sender.serverIndex(of: key)) }

    // MARK: Reading

    /// Reads one item; nil only when the key's own server said that there is none.
    func readItem(_ key: MemcachedKey, timeout: Duration) async throws(MemcachedSessionError) -> MemcachedItem? {
        do throws(MemcachedError) {
            return try await sender.perform(.getVerified(key), timeout: timeout, late: nil).item()
        } catch {
            throw MemcachedSessionError(error)
        }
    }
}

extension MemcachedReply {
    /// The answer of a read.
    func item() throws(MemcachedError) -> MemcachedItem? {
        guard case .item(let item) = self else { throw Self.unexpected }
        return item
    }

    /// The answer of an ADD or REPLACE.
    func storeResult() throws(MemcachedError) -> MemcachedStoreResult {
        guard case .store(let result) = self else { throw Self.unexpected }
        return result
    }

    /// The answer of a DELETE.
    func deleteResult() throws(MemcachedError) -> MemcachedDeleteResult {
        guard case .delete(let result) = self else { throw Self.unexpected }
        return result
    }

    /// A reply to another command than the one that was sent: the client does not do that.
    static var unexpected: MemcachedError {
        MemcachedError(.protocolViolation, "the answer is to another command", outcome: .unknown)
    }
}
