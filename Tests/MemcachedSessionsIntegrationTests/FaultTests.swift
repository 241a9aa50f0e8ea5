import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

/// Connections cut and statuses forced at each place of the two flights.
@Suite struct FaultTests {
    /// A server, a proxy in front of it, and a stored session with count 1.
    static func withProxy(
        _ body: (MemcachedSessionHandler, FaultProxy, Peer, String) async throws -> Void
    ) async throws {
        try await withProxy(configure: { _ in }, body)
    }

    /// The same with other settings.
    static func withProxy(
        configure: (inout MemcachedSessionConfiguration) -> Void,
        _ body: (MemcachedSessionHandler, FaultProxy, Peer, String) async throws -> Void
    ) async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address, seed: 1) { proxy in
                let handler = try MemcachedSessionHandler(proxy.address) {
                    $0.locking.lease = .seconds(3_600)
                    $0.client.timeouts.operation = .seconds(30)
                    configure(&$0)
                }
                let id = try await MemcachedSessionHandler(server.address).makeSession(count: 1)
                #expect(await eventually { await isWarm(handler) })
                try await body(handler, proxy, try await Peer.connect(server), id)
            }
        }
    }

    @Test(
        arguments: [Opcode.add, Opcode.getKey, Opcode.replace, Opcode.delete],
        [Fault.close, .reset, .truncate(to: 10)]
    )
    func `a connection cut before any of the four answers costs nothing`(opcode: UInt8, fault: Fault) async throws {
        try await Self.withProxy { handler, proxy, peer, id in
            proxy.inject(fault, opcodes: [opcode])
            let count = try await handler.reload(id)
            #expect(count == 2)
            #expect(proxy.counts.faults[fault.kind] == 1)
            #expect(try await peer.session(id) == "count|i:2;")
            #expect(try await peer.lock(id) == nil)
            #expect(try await handler.reload(id) == 3)
        }
    }

    @Test(arguments: [Opcode.add, Opcode.replace, Opcode.delete])
    func `a connection cut before a request arrives costs nothing`(opcode: UInt8) async throws {
        try await Self.withProxy { handler, proxy, peer, id in
            proxy.inject(FaultPlan.Rule(.close, to: .requests, opcodes: [opcode], limit: 1))
            let count = try await handler.reload(id)
            #expect(count == 2)
            #expect(proxy.counts.faults[.close] == 1)
            #expect(try await peer.session(id) == "count|i:2;")
            #expect(try await peer.lock(id) == nil)
        }
    }

    @Test(arguments: [Opcode.add, Opcode.getKey, Opcode.delete])
    func `a cut in a logout ends with the session gone`(opcode: UInt8) async throws {
        try await Self.withProxy { handler, proxy, peer, id in
            proxy.inject(.close, opcodes: [opcode])
            let outcome = try await handler.withSession(id: id) { try $0.destroy() }
            #expect(outcome.cookie == .clear)
            #expect(try await peer.session(id) == nil)
            #expect(try await peer.lock(id) == nil)
        }
    }

    @Test(arguments: 0..<8)
    func `a cut anywhere in a login leaves one session and no lock`(skipping: Int) async throws {
        try await Self.withProxy { handler, proxy, peer, id in
            // Eight answers: lock, session, revocation; new lock, new session; delete, release; release.
            proxy.inject(FaultPlan.Rule(.close, skipping: skipping, limit: 1))
            let outcome = try await handler.withSession(id: id) { session in
                session["user"] = "ada"
                try session.regenerateID()
            }
            guard case .set(let new) = outcome.cookie else {
                Issue.record("a login sets a new cookie")
                return
            }
            #expect(try await peer.session(id) == nil)
            #expect(try await peer.session(new) == #"count|i:1;user|s:3:"ada";"#)
            #expect(try await peer.lock(id) == nil)
            #expect(try await peer.lock(new) == nil)
            #expect(proxy.counts.faults[.close] == 1)
        }
    }

    @Test(arguments: [
        (UInt16(0x02), MemcachedSessionError.Code.conflict), (0x03, .tooLarge), (0x82, .unavailable), (0x01, .lost),
        (0x86, .unavailable), (0x84, .unavailable),
    ])
    func `a status in place of the write's answer`(status: UInt16, expected: MemcachedSessionError.Code) async throws {
        try await Self.withProxy { handler, proxy, peer, id in
            proxy.inject(.status(status, "forced"), opcodes: [Opcode.replace])
            let error = await sessionError { try await handler.reload(id) }
            #expect(error?.code == expected)
            #expect(error?.outcome == .rejected)
            let lock = try await peer.lock(id)
            #expect(lock == nil)
        }
    }

    @Test func `a status in place of the lock's answer`() async throws {
        try await Self.withProxy {
            $0.locking.retries = 200
            $0.locking.timeout = .seconds(60)
        } _: { handler, proxy, peer, id in
            proxy.inject(.status(0x82, "Out of memory"), opcodes: [Opcode.add])
            let error = await sessionError { try await handler.reload(id) }
            #expect(error?.code == .unavailable)
            // The server had stored that lock; nobody knows of it but its lease.
            try await peer.delete("memc.sess.key.lock.\(id)")
            proxy.inject(.status(0x02, "Exists"), opcodes: [Opcode.add])
            async let count = handler.reload(id)
            #expect(try await eventually { try await peer.lock(id) != nil })
            try await peer.delete("memc.sess.key.lock.\(id)")
            #expect(try await count == 2)
        }
    }

    @Test func `a stalled server costs a bounded time, and the late lock is given back`() async throws {
        try await Self.withProxy {
            $0.client.timeouts.operation = .milliseconds(100)
            $0.locking.releaseTimeout = .milliseconds(100)
            $0.locking.timeout = .seconds(120)
        } _: { handler, proxy, peer, id in
            proxy.pauseResponses()
            let start = ContinuousClock.now
            let error = await sessionError { try await handler.reload(id) }
            #expect(error?.code == .unavailable)
            // A few commands' time, and not the lock's.
            #expect(start.duration(to: .now) < .seconds(20))
            proxy.resumeResponses()
            let isUnlocked = try await eventually { try await peer.lock(id) == nil }
            #expect(isUnlocked)
            // Through the same connection, which no longer has anybody's answers on its way.
            let next = await eventually { (try? await handler.reload(id)) ?? 0 >= 2 }
            #expect(next)
        }
    }

    @Test func `an outage is an error that keeps the cookie, and afterwards sessions work again`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) {
                $0.client.timeouts.operation = .seconds(120)
                $0.locking.timeout = .seconds(120)
            }
            let id = try await handler.makeSession()
            await server.kill()
            let start = ContinuousClock.now
            #expect(await sessionError { try await handler.reload(id) }?.code == .unavailable)
            #expect(await sessionError { try await handler.makeSession() }?.code == .unavailable)
            // At once, and not when a deadline passes.
            #expect(start.duration(to: .now) < .seconds(30))
            try await server.restart()
            // The cache came back empty, so the id is unknown: another one is given out.
            #expect(
                await eventually {
                    let outcome = try? await handler.withSession(id: id) { $0["count"] = 1 }
                    if case .set(let new)? = outcome?.cookie { return new != id }
                    return false
                }
            )
        }
    }

    @Test func `fail open serves an unsaved session during an outage`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address) { $0.availability = .failOpen }
            let id = try await handler.makeSession()
            await server.kill()
            for cookie in [id, nil] {
                let outcome = try await handler.withSession(id: cookie) { session in
                    session["count"] = 1
                    return session.isUnsaved
                }
                #expect(outcome.value == (cookie != nil))
                #expect(outcome.isUnsaved)
                #expect(outcome.cookie == .keep)
            }
        }
    }

    @Test func `wrong credentials are a refusal, not an outage`() async throws {
        try await withMemcached(.init(sasl: .init(user: "alice", password: "s3cret"))) { server in
            for credentials in [nil, MemcachedCredentials(username: "alice", password: "wrong")] {
                let handler = try MemcachedSessionHandler(server.address) {
                    $0.client.credentials = credentials
                    $0.availability = .failOpen
                }
                let error = await sessionError { try await handler.makeSession() }
                #expect(error?.code == .refused)
                #expect(error.map { "\($0)".contains("wrong") } == false)
            }
        }
    }

    @Test func `a server that restarts while a session is in use loses it, and says so`() async throws {
        try await withMemcached { server in
            let handler = try MemcachedSessionHandler(server.address)
            let id = try await handler.makeSession()
            let error = await sessionError {
                try await handler.withSession(id: id) { session in
                    await server.kill()
                    try await server.restart()
                    session["count"] = 1
                }
            }
            #expect(error?.code == .lost || error?.code == .lockLost || error?.code == .unavailable)
            #expect(try await server.stat("curr_items") == 0)
        }
    }
}
