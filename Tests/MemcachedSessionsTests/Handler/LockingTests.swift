import Memcached
import Synchronization
import Testing

@testable import MemcachedSessions

@Suite struct LockingTests {
    @Test func `a lock has a token nobody else has, a lease and no flags`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        var tokens: [String] = []
        for _ in 0..<2 {
            _ = try await fixture.handler.withSession(id: Fixture.id) { _ in
                let lock = fixture.cache.items[Fixture.lockKey]
                #expect(lock?.expiration == .after(.seconds(10)))
                #expect(lock?.flags == 0)
                tokens.append(fixture.cache.text(Fixture.lockKey) ?? "")
            }
        }
        #expect(tokens[0] != tokens[1])
        #expect(tokens.allSatisfy { $0.utf8.count > 16 })
    }

    @Test func `another's lock is waited for as PHP does and then given up`() async throws {
        let fixture = try Fixture()
        fixture.cache.put(Fixture.lockKey, "another")
        let start = fixture.time.now
        let task = Task { await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } } }
        for _ in 1...5 {
            #expect(await eventually { fixture.time.sleeperCount == 1 })
            fixture.time.advance(by: .milliseconds(150))
        }
        let error = await task.value
        #expect(error?.code == .locked)
        #expect(start.duration(to: fixture.time.now) == .milliseconds(750))
        #expect(fixture.cache.log.count { $0.hasPrefix("ADD") } == 6)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `while the lock goes from hand to hand nobody gives up before the deadline`() async throws {
        let fixture = try Fixture { $0.locking.timeout = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        fixture.cache.put(Fixture.lockKey, "holder 0")
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { $0["a", default: 0] }
        }
        for number in 1...15 {
            #expect(await eventually { fixture.time.sleeperCount == 1 })
            fixture.cache.put(Fixture.lockKey, "holder \(number)")
            fixture.time.advance(by: .milliseconds(150))
        }
        #expect(await eventually { fixture.time.sleeperCount == 1 })
        fixture.cache.remove(Fixture.lockKey)
        fixture.time.advance(by: .milliseconds(150))
        #expect(try await task.value.value == 1)
    }

    @Test func `a lease that an earlier attempt may have begun is counted from there`() async throws {
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        let lost = MemcachedError(.connectionLost, "", outcome: .unknown)
        fixture.cache.inject("ADD \(Fixture.lockKey)", .loseAnswer)
        // The lock was stored, and at first it was not seen.
        fixture.cache.inject("GETK \(Fixture.lockKey)", .answerMiss)
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .fail(lost), times: 20)
        let task = Task {
            await sessionError {
                try await fixture.handler.withSession(id: Fixture.id) { session in
                    // 1.9 s after the second attempt, 2.05 s after the first.
                    fixture.time.advance(by: .milliseconds(1_900))
                    session["a"] = 2
                }
            }
        }
        #expect(await eventually { fixture.time.nextWake == .milliseconds(150) })
        fixture.time.advance(by: .milliseconds(150))
        #expect(await task.value?.code == .lockLost)
        #expect(fixture.stored == #"{"a":1}"#)
    }

    @Test func `a lock that is given back meanwhile is got by the next attempt`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.put(Fixture.lockKey, "another")
        async let outcome = fixture.handler.withSession(id: Fixture.id) { $0["a", default: 0] }
        #expect(await eventually { fixture.time.sleeperCount == 1 })
        fixture.store(#"{"a":5}"#)
        fixture.cache.remove(Fixture.lockKey)
        fixture.time.advance(by: .milliseconds(150))
        // What was read beside the refused ADD has been thrown away.
        #expect(try await outcome.value == 5)
    }

    @Test func `requests of one process queue up in order, and one of them asks the server`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"order":[]}"#)
        let gate = Gate()
        let first = Task {
            try await fixture.handler.withSession(id: Fixture.id) { _ in await gate.wait() }
        }
        #expect(await eventually { gate.isWaiting })
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<5 {
            tasks.append(
                Task {
                    _ = try await fixture.handler.withSession(id: Fixture.id) { session in
                        session["order", default: [Int]()] += [number]
                    }
                }
            )
            #expect(
                await eventually {
                    fixture.handler.core.queue.withLock { $0.waiterCount(of: Fixture.sessionID) } == number + 1
                }
            )
        }
        #expect(fixture.cache.log.count { $0.hasPrefix("ADD") } == 1)
        gate.open()
        _ = try await first.value
        for task in tasks { try await task.value }
        #expect(fixture.stored == #"{"order":[0,1,2,3,4]}"#)
        #expect(fixture.cache.log.count { $0.hasPrefix("ADD") } == 6)
        #expect(fixture.handler.core.queue.withLock { $0.isEmpty })
    }

    @Test func `too many waiters are told at once`() async throws {
        let fixture = try Fixture { $0.locking.maximumWaiters = 0 }
        fixture.store("{}")
        let gate = Gate()
        let first = Task { try await fixture.handler.withSession(id: Fixture.id) { _ in await gate.wait() } }
        #expect(await eventually { gate.isWaiting })
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .tooManyWaiters)
        gate.open()
        _ = try await first.value
    }

    @Test func `who waits in the queue for too long is told that the session is locked`() async throws {
        let fixture = try Fixture { $0.locking.timeout = .seconds(2) }
        fixture.store("{}")
        let gate = Gate()
        let first = Task { try await fixture.handler.withSession(id: Fixture.id) { _ in await gate.wait() } }
        #expect(await eventually { gate.isWaiting })
        let task = Task { await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } } }
        #expect(await eventually { fixture.time.nextWake == .seconds(2) })
        fixture.time.advance(by: .seconds(2))
        #expect(await task.value?.code == .locked)
        gate.open()
        _ = try await first.value
    }

    @Test func `who is cancelled in the queue leaves it`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        let gate = Gate()
        let first = Task { try await fixture.handler.withSession(id: Fixture.id) { _ in await gate.wait() } }
        #expect(await eventually { gate.isWaiting })
        let second = Task { await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } } }
        #expect(await eventually { fixture.handler.core.queue.withLock { $0.waiterCount(of: Fixture.sessionID) } == 1 })
        second.cancel()
        #expect(await second.value?.code == .cancelled)
        gate.open()
        _ = try await first.value
        #expect(fixture.handler.core.queue.withLock { $0.isEmpty })
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `who is cancelled already does not begin to wait`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        let gate = Gate()
        let first = Task { try await fixture.handler.withSession(id: Fixture.id) { _ in await gate.wait() } }
        #expect(await eventually { gate.isWaiting })
        let hasEnded = Mutex(false)
        let second = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            defer { hasEnded.withLock { $0 = true } }
            return await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        }
        #expect(await eventually { hasEnded.withLock { $0 } })
        // Ends a second request that waits all the same.
        fixture.time.advance(by: .seconds(11))
        #expect(await second.value?.code == .cancelled)
        gate.open()
        _ = try await first.value
    }

    @Test func `a lock is renewed at each third of its lease while the session is in use`() async throws {
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                await gate.wait()
                session["a"] = 2
            }
        }
        #expect(await eventually { gate.isWaiting })
        for count in 1...20 {
            #expect(await eventually { fixture.time.nextWake == .seconds(1) })
            fixture.time.advance(by: .seconds(1))
            #expect(await eventually { fixture.cache.log.count { $0 == "REPLACE \(Fixture.lockKey)" } == count })
        }
        gate.open()
        _ = try await task.value
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a renewal whose answer was lost does not lose the lock`() async throws {
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .loseAnswer)
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                await gate.wait()
                session["a"] = 2
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { fixture.cache.log.count { $0 == "REPLACE \(Fixture.lockKey)" } == 2 })
        gate.open()
        _ = try await task.value
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a lock is not given back while it is being renewed`() async throws {
        struct Failure: Error {}
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store("{}")
        let renewal = Gate()
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .hold(renewal))
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { _ in
                await gate.wait()
                throw Failure()
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { renewal.isWaiting })
        gate.open()
        for _ in 0..<1_000 { await Task.yield() }
        #expect(!fixture.cache.log.contains("DELETE+CAS \(Fixture.lockKey)"))
        renewal.open()
        await #expect(throws: Failure.self) { try await task.value }
        #expect(fixture.cache.log.last == "DELETE+CAS \(Fixture.lockKey)")
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `giving a lock back waits for half of its time at most for a renewal`() async throws {
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        let renewal = Gate()
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .hang(renewal))
        let gate = Gate()
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                await gate.wait()
                session["a"] = 2
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { renewal.isWaiting })
        gate.open()
        #expect(await eventually { fixture.time.nextWake == .milliseconds(500) })
        #expect(renewal.isWaiting)
        fixture.time.advance(by: .milliseconds(500))
        #expect(await eventually { !renewal.isWaiting })
        renewal.open()
        _ = try await task.value
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a lock that another took is noticed by the renewal, and nothing is written`() async throws {
        let fixture = try Fixture { $0.locking.lease = .seconds(3) }
        fixture.store(#"{"a":1}"#)
        let gate = Gate()
        let task = Task {
            await sessionError {
                try await fixture.handler.withSession(id: Fixture.id) { session in
                    await gate.wait()
                    session["a"] = 2
                }
            }
        }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.cache.put(Fixture.lockKey, "another")
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { fixture.cache.log.contains("GETK \(Fixture.lockKey)") })
        gate.open()
        #expect(await task.value?.code == .lockLost)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a lock whose CAS is learnt only by reading it is renewed by that`() async throws {
        let fixture = try Fixture(defect: .addGivesNoCAS) {
            $0.allowsUnfencedServers = true
            $0.locking.lease = .seconds(3)
        }
        fixture.store("{}")
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .before { $0.put(Fixture.lockKey, "another") })
        let gate = Gate()
        let task = Task { try await fixture.handler.withSession(id: Fixture.id) { _ in await gate.wait() } }
        #expect(await eventually { gate.isWaiting && fixture.time.nextWake == .seconds(1) })
        fixture.time.advance(by: .seconds(1))
        #expect(await eventually { fixture.cache.log.count { $0 == "GETK \(Fixture.lockKey)" } == 2 })
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
        gate.open()
        _ = try await task.value
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a process that stood still for longer than its lease writes nothing`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .fail(.outage), times: 10)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["a"] = 2
                fixture.time.advance(by: .seconds(9))
            }
        }
        #expect(error?.code == .lockLost)
        #expect(error?.outcome == .notSent)
        #expect(!fixture.cache.log.contains("REPLACE \(Fixture.id)"))
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a lock that vanished on the server is reported with the write that it should have guarded`()
        async throws
    {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["a"] = 2
                fixture.cache.remove(Fixture.lockKey)
            }
        }
        #expect(error?.code == .lockLost)
        #expect(error?.outcome == .unknown)
    }

    @Test func `a request that changes nothing does not fail because its lock is gone`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let vanished = try await fixture.handler.withSession(id: Fixture.id) { session in
            fixture.cache.remove(Fixture.lockKey)
            return session["a", default: 0]
        }
        #expect(vanished.value == 1)
        fixture.cache.inject("REPLACE \(Fixture.lockKey)", .fail(.outage), times: 10)
        let slow = try await fixture.handler.withSession(id: Fixture.id) { session in
            fixture.time.advance(by: .seconds(60))
            return session["a", default: 0]
        }
        #expect(slow.value == 1)
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(1_440)))
    }

    @Test func `without locking nothing is locked and a conflict is an error`() async throws {
        let fixture = try Fixture { $0.locking.isEnabled = false }
        fixture.store(#"{"a":1}"#)
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
        #expect(fixture.cache.log == ["GETK \(Fixture.id)", "REPLACE \(Fixture.id)"])
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.store(#"{"a":9}"#)
                session["a"] = 3
            }
        }
        #expect(error?.code == .conflict)
        fixture.cache.clearLog()
        let outcome = try await fixture.handler.withSession(id: nil) { $0["a"] = 1 }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set")
            return
        }
        #expect(fixture.cache.log == ["ADD \(id)"])
        let renamed = try await fixture.handler.withSession(id: id) { try $0.regenerateID() }
        #expect(renamed.cookie != .keep)
        #expect(fixture.cache.text(id) == nil)
    }
}
