import Logging
import Memcached
import NIOCore
import Synchronization

/// Locks and writes rest on conditions that the server has to look at. Each server is asked once, under a random key,
/// whether it does: `memcached -C` and some hosted implementations do not.
extension SessionCore {
    /// Makes sure that the servers of a session look at conditions.
    func requireSafety(of id: SessionID) async throws(MemcachedSessionError) {
        guard !configuration.allowsUnfencedServers else { return }
        // Usually all are known, and nobody has to look which servers these are.
        if safeGeneration.load(ordering: .relaxed) == sender.serversGeneration { return }
        defer { noteSafety() }
        let (session, lock) = (sessionKey(id), lockKey(id))
        try await requireSafety(ofServer: { sender.serverIndex(of: session) })
        if sender.serverIndex(of: lock) == sender.serverIndex(of: session) { return }
        try await requireSafety(ofServer: { sender.serverIndex(of: lock) })
    }

    /// Makes sure that a server looks at conditions.
    ///
    /// - Parameter index: Which one, or none; called again when the list of servers changes on the way.
    /// - Throws: ``MemcachedSessionError/Code/unsafeServer`` when it does not; why that cannot be told.
    func requireSafety(ofServer index: () -> Int?) async throws(MemcachedSessionError) {
        for _ in 1...3 {
            guard let index = index() else { return }
            guard let server = sender.server(at: index) else { continue }
            let finding: ServerSafety.Finding?
            switch knowledge(of: server.address, at: index) {
            case .known(let known): finding = known
            case .underWay(let probe): finding = try await probe.value.get()
            }
            switch finding {
            case .fenced: return
            case .unfenced(let reason): throw .unsafeServer(server.label, reason)
            case nil: continue
            }
        }
        throw MemcachedSessionError(
            .unavailable,
            "the list of servers changed again and again while one of them was asked what it can do; try again"
        )
    }

    /// Takes note of a list whose servers are all known, and forgets those that have left it.
    private func noteSafety() {
        let (generation, servers) = sender.numberedServers
        let areSafe = safety.withLock { safety in
            safety.keep(servers)
            return safety.areFenced(servers)
        }
        if areSafe { safeGeneration.store(generation, ordering: .relaxed) }
    }

    private enum Knowledge {
        case known(ServerSafety.Finding)
        case underWay(ServerSafety.Probe)
    }

    private func knowledge(of server: MemcachedServer.Address, at index: Int) -> Knowledge {
        let now = time.now()
        return safety.withLock { safety in
            switch safety.step(server, at: now) {
            case .known(let finding): return .known(finding)
            case .wait(let probe): return .underWay(probe)
            case .ask:
                // Ends by itself: each of its commands has a timeout.
                let probe = ServerSafety.Probe.detached { [self] in await runProbe(of: server, at: index) }
                safety.asking(server, probe)
                return .underWay(probe)
            }
        }
    }

    private func runProbe(
        of server: MemcachedServer.Address,
        at index: Int
    ) async -> Result<ServerSafety.Finding?, MemcachedSessionError> {
        var result: Result<ServerSafety.Finding?, MemcachedSessionError>
        do throws(MemcachedError) {
            result = .success(try await probe(index))
        } catch {
            result = .failure(MemcachedSessionError(error))
        }
        if sender.server(at: index)?.address != server { result = .success(nil) }
        let now = time.now()
        safety.withLock { $0.ended(server, (try? result.get()) ?? nil, at: now) }
        return result
    }

    /// Asks a server whether it looks at conditions.
    private func probe(_ index: Int) async throws(MemcachedError) -> ServerSafety.Finding {
        let key = MemcachedKey("probe." + String(UInt64.random(in: .min ... .max), radix: 16))
        func here(_ command: MemcachedCommand) -> MemcachedCommand { .routed(.server(index), command) }
        let add = here(.add(key, ByteBuffer(string: "1"), flags: 0, .after(.seconds(10))))
        let added = try await sender.perform(add, timeout: commandTimeout, late: nil).storeResult()
        guard case .stored(let token) = added else { return .unfenced("a new key could not be added") }
        guard let cas = token else { return .unfenced("ADD gives no CAS") }
        // Another number than the one that was given, and never 0, which is no condition.
        guard let wrong = MemcachedCAS(rawValue: cas.rawValue ^ 1) ?? MemcachedCAS(rawValue: 2) else {
            throw MemcachedReply.unexpected
        }
        let value = ByteBuffer(string: "2")
        let commands = [
            here(.delete(key, ifUnchangedSince: wrong)),
            here(.replace(key, value, flags: 0, .after(.seconds(10)), ifUnchangedSince: wrong)),
            here(.touch(key, .after(.seconds(10)))),
            here(.delete(key, ifUnchangedSince: cas)),
        ]
        guard let replies = try await sender.flight(commands, timeout: commandTimeout, late: nil), replies.count == 4
        else { throw MemcachedReply.unexpected }
        let expected: [(MemcachedReply, String)] = [
            (.delete(.exists), "DELETE does not look at its CAS"),
            (.store(.exists), "REPLACE does not look at its CAS"),
            (.touched(true), "TOUCH does not work"),
            (.delete(.deleted), "DELETE with the right CAS does not work"),
        ]
        for (reply, (wanted, reason)) in zip(replies, expected) {
            switch reply {
            case .success(wanted): continue
            case .success: return .unfenced(reason)
            case .failure(let error) where [.unknownCommand, .invalidRequest, .casUnavailable].contains(error.code):
                return .unfenced(reason)
            // Too busy, out of memory, not reached: no verdict.
            case .failure(let error): throw error
            }
        }
        return .fenced
    }
}

extension MemcachedSessionHandler {
    /// Connects to every server and makes sure that it has what safe sessions rest on.
    ///
    /// Not needed: the first request to each server does the same. Called at the start, it shows a mistake before the
    /// first visitor meets it.
    ///
    /// - Throws: ``MemcachedSessionError/Code/unsafeServer`` for a server that does not look at conditions (`-C`),
    ///   ``MemcachedSessionError/Code/unavailable`` for one that cannot be reached,
    ///   ``MemcachedSessionError/Code/refused`` for one that refuses the credentials.
    public func warmUp() async throws(MemcachedSessionError) {
        for index in client.servers.indices {
            if configuration.allowsUnfencedServers {
                _ = try await core.readItem(at: index)
            } else {
                // The list may have become shorter since.
                try await core.requireSafety(ofServer: { client.server(at: index) == nil ? nil : index })
            }
        }
    }
}

extension SessionCore {
    /// Asks a server for something that is not there, to see whether it answers.
    fileprivate func readItem(at index: Int) async throws(MemcachedSessionError) -> MemcachedItem? {
        do throws(MemcachedError) {
            let command = MemcachedCommand.routed(.server(index), .getVerified("probe.0"))
            return try await sender.perform(command, timeout: commandTimeout, late: nil).item()
        } catch {
            throw MemcachedSessionError(error)
        }
    }
}
