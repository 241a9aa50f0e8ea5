import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct SafetyTests {
    @Test(arguments: [(true, 1), (false, 2)])
    func `each server is probed once, before anything of a session is sent`(isSingle: Bool, expected: Int) async throws
    {
        let fixture = try Fixture(isSingleServer: isSingle)
        fixture.store("{}")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 {
                group.addTask { _ = try? await fixture.handler.withReadOnlySession(id: Fixture.id) { _ in } }
            }
        }
        #expect(fixture.cache.probes == 0, "reading rests on nothing")
        for _ in 0..<3 { _ = try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        _ = try await fixture.handler.withSession(id: nil) { $0["a"] = 1 }
        #expect(fixture.cache.probes == expected)
        #expect(fixture.cache.items.keys.allSatisfy { !$0.hasPrefix("probe.") })
    }

    @Test(arguments: [
        (MemoryCache.Defect.deleteIgnoresCAS, "DELETE does not look at its CAS"),
        (.replaceIgnoresCAS, "REPLACE does not look at its CAS"), (.noTouch, "TOUCH does not work"),
    ])
    func `a server that lacks something is refused, with what and which`(
        defect: MemoryCache.Defect,
        reason: String
    ) async throws {
        let fixture = try Fixture(defect: defect)
        fixture.store("{}")
        for _ in 0..<2 {
            let error = await sessionError {
                try await fixture.handler.withSession(id: Fixture.id) { _ in Issue.record("the closure was called") }
            }
            #expect(error?.code == .unsafeServer)
            #expect(error?.detail.contains("server 0: \(reason)") == true, "\(error?.detail ?? "")")
        }
        #expect(fixture.cache.log == [])
        #expect(fixture.cache.probes == 1, "what was found holds for a while")
        fixture.time.advance(by: .seconds(10))
        #expect(await sessionError { try await fixture.handler.warmUp() }?.code == .unsafeServer)
        #expect(fixture.cache.probes == 2)
    }

    @Test func `a server that takes another's place is asked itself`() async throws {
        let fixture = try Fixture()
        try await fixture.handler.warmUp()
        fixture.cache.changeServers()
        for _ in 0..<2 { try await fixture.handler.warmUp() }
        #expect(fixture.cache.probes == 2)
        let defective = try Fixture(defect: .noTouch)
        #expect(await sessionError { try await defective.handler.warmUp() }?.detail.contains("server 0: ") == true)
        defective.cache.changeServers()
        let error = await sessionError { try await defective.handler.warmUp() }
        #expect(error?.detail.contains("server 0 of list 1: ") == true, "\(error?.detail ?? "")")
    }

    @Test func `what was found of a server that left is forgotten`() throws {
        var safety = ServerSafety()
        let (first, second) = (MemcachedServer.unix("1"), MemcachedServer.unix("2"))
        let now = ContinuousClock.now
        for server in [first, second] { safety.ended(server.address, .fenced, at: now) }
        #expect(safety.areFenced([first, second]))
        safety.keep([second])
        #expect(safety.areFenced([second]) && !safety.areFenced([first]))
        if case .ask = safety.step(first.address, at: now) {} else { Issue.record("it is asked anew") }
        safety.keep([second])
        #expect(safety.areFenced([second]))
    }

    @Test func `whose answers they were is not known when the servers changed meanwhile`() async throws {
        let fixture = try Fixture()
        fixture.cache.inject("TOUCH probe.", .before { $0.changeServers() })
        try await fixture.handler.warmUp()
        #expect(fixture.cache.probes == 2)
        try await fixture.handler.warmUp()
        #expect(fixture.cache.probes == 2)
        let restless = try Fixture()
        restless.cache.inject("TOUCH probe.", .before { $0.changeServers() }, times: 3)
        #expect(await sessionError { try await restless.handler.warmUp() }?.code == .unavailable)
        #expect(restless.cache.probes == 3)
        try await restless.handler.warmUp()
    }

    @Test func `an outage is no verdict, and the next request probes again`() async throws {
        for line in ["ADD probe.", "DELETE+CAS probe.", "TOUCH probe."] {
            let fixture = try Fixture()
            fixture.store("{}")
            fixture.cache.inject(line, .fail(.outage))
            #expect(
                await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }?.code
                    == .unavailable
            )
            _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
            #expect(fixture.cache.probes == 2)
        }
    }

    @Test func `a status that refuses a condition's command is a verdict`() async throws {
        let fixture = try Fixture()
        let unknown = MemcachedError(.unknownCommand, "", status: 0x81, outcome: .rejected)
        fixture.cache.inject("TOUCH probe.", .fail(unknown))
        #expect(await sessionError { try await fixture.handler.warmUp() }?.code == .unsafeServer)
    }

    @Test(arguments: [MemcachedError.Code.outOfMemory, .temporaryFailure])
    func `a server that is full or busy is no unsafe one`(code: MemcachedError.Code) async throws {
        let fixture = try Fixture()
        fixture.cache.inject("REPLACE probe.", .fail(MemcachedError(code, "", outcome: .rejected)))
        #expect(await sessionError { try await fixture.handler.warmUp() }?.code == .unavailable)
        try await fixture.handler.warmUp()
    }

    @Test func `with leave, sessions work on a server without CAS as far as they can`() async throws {
        let fixture = try Fixture(keepsCAS: false) { $0.allowsUnfencedServers = true }
        try await fixture.handler.warmUp()
        fixture.store(#"{"a":1}"#)
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(fixture.cache.lockCount == 1)
            session["a", default: 0] += 1
        }
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
        #expect(!fixture.cache.log.contains { $0.contains("+CAS") })
        let login = try await fixture.handler.withSession(id: Fixture.id) { try $0.regenerateID() }
        guard case .set(let id) = login.cookie else {
            Issue.record("a login sets a new cookie")
            return
        }
        #expect(Set(fixture.cache.items.keys) == [id])
        let logout = try await fixture.handler.withSession(id: id) { try $0.destroy() }
        #expect(logout.cookie == .clear)
        #expect(fixture.cache.items.isEmpty)
        #expect(fixture.cache.probes == 0)
    }

    @Test func `without CAS another's lock is still known by its token, and a lost answer is looked for`() async throws
    {
        let fixture = try Fixture(keepsCAS: false) { $0.allowsUnfencedServers = true }
        fixture.store(#"{"a":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.cache.put(Fixture.lockKey, "another")
                session["a"] = 2
            }
        }
        #expect(error?.code == .lockLost)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
        fixture.cache.remove(Fixture.lockKey)
        fixture.cache.inject("REPLACE \(Fixture.id)", .fail(MemcachedError(.connectionLost, "", outcome: .unknown)))
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 3 }
        #expect(fixture.stored == #"{"a":3}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `without CAS a lock is renewed while it is ours`() async throws {
        let fixture = try Fixture(keepsCAS: false) {
            $0.allowsUnfencedServers = true
            $0.locking.lease = .seconds(3)
        }
        fixture.store("{}")
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                await gate.wait()
                session["a"] = 1
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        for count in 1...4 {
            fixture.time.advance(by: .seconds(1))
            #expect(await eventually { fixture.cache.log.count { $0 == "REPLACE \(Fixture.lockKey)" } == count })
            #expect(await eventually { fixture.time.nextWake == .seconds(1) })
        }
        gate.open()
        _ = try await task.value
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.lockCount == 0)
    }
}
