import Memcached
import NIOCore
import Synchronization
import Testing

@testable import MemcachedSessions

/// Answers that get lost, and statuses that a real server gives rarely.
@Suite struct LostAnswerTests {
    static func status(_ code: MemcachedError.Code, _ status: UInt16) -> MemcachedError {
        MemcachedError(code, "", status: status, outcome: .rejected)
    }

    // MARK: The lock

    @Test(arguments: [true, false])
    func `a lock whose answer was lost is recognised by its token`(isSingleServer: Bool) async throws {
        let fixture = try Fixture(isSingleServer: isSingleServer)
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .loseAnswer)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["a", default: 0] += 1
            return session["a", default: 0]
        }
        #expect(outcome.value == 2)
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `another's lock is not taken for the one whose answer was lost`() async throws {
        let fixture = try Fixture { $0.locking.retries = 0 }
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .fail(MemcachedError(.connectionLost, "", outcome: .unknown)))
        fixture.cache.inject("GETK \(Fixture.lockKey)", .before { $0.put(Fixture.lockKey, "another") })
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 } }
        #expect(error?.code == .locked)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a lock that was not stored is asked for again after a wait`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .fail(MemcachedError(.connectionLost, "", outcome: .unknown)))
        async let outcome = fixture.handler.withSession(id: Fixture.id) { $0["a", default: 0] }
        #expect(await eventually { fixture.time.nextWake == .milliseconds(150) })
        fixture.time.advance(by: .milliseconds(150))
        #expect(try await outcome.value == 1)
        #expect(fixture.cache.log.count { $0 == "ADD \(Fixture.lockKey)" } == 2)
    }

    @Test func `a late success of an attempt that was given up is deleted at once`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .answerLate)
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage), times: 2)
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .unavailable)
        #expect(fixture.cache.lockCount == 1)
        #expect(fixture.handler.core.queue.withLock { $0.isEmpty }, "the next request must not wait for a late answer")
        fixture.cache.deliverLate()
        #expect(await eventually { fixture.cache.lockCount == 0 })
    }

    @Test func `a lock whose answer never comes is looked for until the server answers again`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .loseAnswer)
        // Once for the request, once while the server is still away.
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage), times: 2)
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .unavailable)
        #expect(fixture.cache.lockCount == 1)
        #expect(await eventually { fixture.time.nextWake == .milliseconds(100) })
        fixture.time.advance(by: .milliseconds(100))
        #expect(await eventually { fixture.time.nextWake == .milliseconds(200) })
        #expect(fixture.cache.lockCount == 1)
        fixture.time.advance(by: .milliseconds(200))
        #expect(await eventually { fixture.cache.lockCount == 0 })
        #expect(fixture.cache.log.last == "DELETE+CAS \(Fixture.lockKey)")
    }

    @Test func `the search ends when there is twice nothing, or another's lock`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        fixture.cache.inject("ADD \(Fixture.lockKey)", .loseAnswer)
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage))
        _ = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        fixture.cache.put(Fixture.lockKey, "another")
        for pause in [100, 200] {
            #expect(await eventually { fixture.time.nextWake == .milliseconds(pause) })
            fixture.time.advance(by: .milliseconds(pause))
        }
        #expect(await eventually { fixture.cache.log.count { $0 == "GETK \(Fixture.lockKey)" } == 3 })
        for _ in 0..<100 { await Task.yield() }
        #expect(fixture.time.sleeperCount == 0)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a late success of a lock that is in use is left alone`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .answerLate)
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            fixture.cache.deliverLate()
            for _ in 0..<100 { await Task.yield() }
            #expect(fixture.cache.lockCount == 1)
            session["a"] = 2
        }
        #expect(fixture.stored == #"{"a":2}"#)
    }

    @Test func `nobody waits for a late answer of a lock that was given back`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .answerLate)
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(fixture.handler.core.queue.withLock { $0.isEmpty })
        fixture.cache.deliverLate()
        for _ in 0..<100 { await Task.yield() }
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a late success does not delete the lock of the one who came after`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .answerLate)
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage), times: 2)
        _ = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        fixture.cache.put(Fixture.lockKey, "another")
        fixture.cache.deliverLate()
        #expect(await eventually { fixture.cache.log.last == "DELETE+CAS \(Fixture.lockKey)" })
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a lock that a late ADD stored after another had been used is given back`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .carryOutLate)
        async let outcome = fixture.handler.withSession(id: Fixture.id) { $0["a", default: 0] }
        #expect(await eventually { fixture.time.nextWake == .milliseconds(150) })
        fixture.time.advance(by: .milliseconds(150))
        #expect(try await outcome.value == 1)
        #expect(fixture.cache.lockCount == 0)
        fixture.cache.deliverLate()
        #expect(await eventually { fixture.cache.lockCount == 0 })
        #expect(fixture.cache.log.last == "DELETE+CAS \(Fixture.lockKey)")
    }

    @Test func `the lock of a cancelled request is looked for until the server answers again`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .answer(MemcachedError(.cancelled, "", outcome: .unknown)))
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage))
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .cancelled)
        #expect(fixture.cache.lockCount == 1)
        #expect(await eventually { fixture.time.nextWake == .milliseconds(100) })
        fixture.time.advance(by: .milliseconds(100))
        #expect(await eventually { fixture.cache.lockCount == 0 })
    }

    @Test func `a release whose answer was lost is none of a lock that was lost`() async throws {
        let events = EventTests.Events()
        for isSingleServer in [true, false] {
            let fixture = try Fixture(isSingleServer: isSingleServer) { $0.onEvent = { events.note($0) } }
            fixture.store(#"{"a":1}"#)
            fixture.cache.inject("DELETE+CAS \(Fixture.lockKey)", .loseAnswer)
            fixture.cache.inject("DELETE+CAS \(Fixture.lockKey)", .before { $0.put(Fixture.lockKey, "another") })
            _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
            #expect(fixture.stored == #"{"a":2}"#)
            #expect(fixture.cache.text(Fixture.lockKey) == "another")

            fixture.cache.remove(Fixture.lockKey)
            fixture.cache.inject("DELETE+CAS \(Fixture.lockKey)", .loseAnswer)
            _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 3 }
            #expect(fixture.cache.lockCount == 0)
        }
        #expect(events.all.allSatisfy { $0.kind == .held })
    }

    @Test func `a release that was not carried out is sent again, whatever a renewal has made of the lock`()
        async throws
    {
        let fixture = try Fixture(isSingleServer: false) { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .loseAnswer)
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage))
        fixture.cache.inject("DELETE+CAS \(Fixture.lockKey)", .fail(.cut))
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                await gate.wait()
                session["a"] = 2
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { fixture.cache.log.last == "GETK \(Fixture.lockKey)" })
        gate.open()
        _ = try await task.value
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a write is none of a lost lock because a renewal's answer was lost`() async throws {
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .loseAnswer)
        fixture.cache.inject("GETK \(Fixture.lockKey)", .fail(.outage))
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                await gate.wait()
                session["a"] = 2
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { fixture.cache.log.last == "GETK \(Fixture.lockKey)" })
        gate.open()
        _ = try await task.value
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    // MARK: The write

    @Test(arguments: [true, false])
    func `a write that was carried out and not answered is found by reading`(isSingleServer: Bool) async throws {
        let fixture = try Fixture(isSingleServer: isSingleServer)
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.id)", .loseAnswer)
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.log.count { $0 == "REPLACE \(Fixture.id)" } == 1)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test(arguments: [true, false])
    func `a write that was not carried out is sent again once the lock is held again`(isSingleServer: Bool) async throws
    {
        let fixture = try Fixture(isSingleServer: isSingleServer)
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.id)", .fail(MemcachedError(.connectionLost, "", outcome: .unknown)))
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
        let log = fixture.cache.log
        let replaces = log.indices.filter { log[$0] == "REPLACE \(Fixture.id)" }
        #expect(replaces.count == 2)
        // In between, the lock was read, and taken again where the flight had given it back.
        let between = log[replaces[0]..<replaces[1]]
        #expect(between.contains("GETK \(Fixture.lockKey)"))
        #expect(between.contains("ADD \(Fixture.lockKey)") == isSingleServer)
    }

    @Test func `a write that was cut off is not sent again when another took the lock`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.id)", .fail(MemcachedError(.connectionLost, "", outcome: .unknown)))
        fixture.cache.inject("GETK \(Fixture.lockKey)", .before { $0.put(Fixture.lockKey, "another") })
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
        }
        #expect(error?.code == .lockLost)
        #expect(error?.outcome == .unknown)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a write answered and a release cut off is a success`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("DELETE+CAS \(Fixture.lockKey)", .loseAnswer)
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `when nothing can be found out the outcome is unknown`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["a"] = 2
                fixture.cache.inject("", .loseAnswer)
                fixture.cache.inject("GETK", .fail(.outage), times: 10)
            }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.outcome == .unknown)
    }

    @Test func `a first visit whose answers are lost is stored once`() async throws {
        for line in ["ADD lock.", "ADD "] {
            let fixture = try Fixture()
            // "ADD " matches the lock too: skip it by losing the second one.
            if line == "ADD " { fixture.cache.inject("ADD lock.", .before { _ in }) }
            fixture.cache.inject(line, .loseAnswer)
            let outcome = try await fixture.handler.withSession(id: nil) { $0["a"] = 1 }
            guard case .set(let id) = outcome.cookie else {
                Issue.record("the cookie was not set")
                return
            }
            #expect(Set(fixture.cache.items.keys) == [id])
            #expect(fixture.cache.text(id) == #"{"a":1}"#)
        }
    }

    @Test(arguments: [true, false])
    func `a first visit and a login whose lock never reached the server are stored`(isSessionCut: Bool) async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        for id in [nil, Fixture.id] {
            let outcome = try await fixture.handler.withSession(id: id) { session in
                session["a"] = 2
                if id != nil { try session.regenerateID() }
                fixture.cache.inject("ADD lock.", .fail(.cut))
                if isSessionCut { fixture.cache.inject("ADD ", .fail(.cut)) }
            }
            guard case .set(let new) = outcome.cookie else {
                Issue.record("the cookie was not set")
                return
            }
            #expect(fixture.cache.text(new) == #"{"a":2}"#)
        }
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a first visit whose lock is never stored meets an outage, not another's lock`() async throws {
        let closed = try Fixture()
        closed.cache.inject("ADD lock.", .fail(.cut), times: 10)
        let error = await sessionError { try await closed.handler.withSession(id: nil) { $0["a"] = 1 } }
        #expect(error?.code == .unavailable)
        #expect(await eventually { closed.cache.items.isEmpty })
        let open = try Fixture { $0.availability = .failOpen }
        open.cache.inject("ADD lock.", .fail(.cut), times: 10)
        #expect(try await open.handler.withSession(id: nil) { $0["a"] = 1 }.isUnsaved)
    }

    @Test func `a session whose lock the server refuses is not left behind`() async throws {
        let fixture = try Fixture()
        fixture.cache.inject("ADD lock.", .fail(Self.status(.outOfMemory, 0x82)))
        let error = await sessionError { try await fixture.handler.withSession(id: nil) { $0["a"] = 1 } }
        #expect(error?.code == .unavailable)
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `a touch that was cut off is sent again`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("TOUCH", .fail(MemcachedError(.timeout, "", outcome: .unknown)))
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(1_440)))
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a logout that was cut off is carried out`() async throws {
        for fault in [
            MemoryCache.Fault.loseAnswer, .fail(MemcachedError(.connectionLost, "", outcome: .unknown)),
        ] {
            let fixture = try Fixture()
            fixture.store(#"{"a":1}"#)
            fixture.cache.inject("DELETE \(Fixture.id)", fault)
            let outcome = try await fixture.handler.withSession(id: Fixture.id) { try $0.destroy() }
            #expect(outcome.cookie == .clear)
            #expect(fixture.cache.items.isEmpty)
        }
    }

    // MARK: Statuses

    @Test func `0x02 is a conflict, and the other's change stays`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.store(#"{"a":9}"#)
                session["a"] = 2
            }
        }
        #expect(error?.code == .conflict)
        #expect(fixture.stored == #"{"a":9}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test(arguments: [
        (MemcachedError.Code.valueTooLarge, UInt16(0x03), MemcachedSessionError.Code.tooLarge),
        (.outOfMemory, 0x82, .unavailable), (.temporaryFailure, 0x86, .unavailable), (.notPermitted, 0x20, .refused),
    ])
    func `a write that the server refuses changes nothing and unlocks`(
        code: MemcachedError.Code,
        status: UInt16,
        expected: MemcachedSessionError.Code
    ) async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.id)", .fail(Self.status(code, status)))
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 } }
        #expect(error?.code == expected)
        #expect(error?.outcome == .rejected)
        #expect((error?.cause as? MemcachedError)?.status == status)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.lockCount == 0)
    }
}
