import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct DestroyTests {
    @Test func `a logout deletes session and lock and clears the cookie`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            try session.destroy()
            session["user"] = 2
            #expect(session.isDestroyed)
        }
        #expect(outcome.cookie == .clear)
        #expect(outcome.destruction == .underLock)
        #expect(fixture.cache.items.isEmpty)
        #expect(fixture.cache.log.suffix(2) == ["DELETE \(Fixture.id)", "DELETE+CAS \(Fixture.lockKey)"])
    }

    @Test func `bytes that cannot be read do not stand in the way of a logout`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["count", default: 0] += 1
            try session.destroy()
        }
        #expect(outcome.cookie == .clear)
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `a slow request does not bring a logged-out session back`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.cache.remove(Fixture.id)
                session["user"] = 2
            }
        }
        #expect(error?.code == .lost)
        let untouched = await sessionError {
            fixture.store(#"{"user":1}"#)
            return try await fixture.handler.withSession(id: Fixture.id) { _ in fixture.cache.remove(Fixture.id) }
        }
        #expect(untouched?.code == .lost)
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `a logout whose lock has run out takes it again first`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        fixture.cache.inject("REPLACE lock.", .fail(.outage), times: 100)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            fixture.time.advance(by: .seconds(11))
            try session.destroy()
            fixture.cache.clearLog()
        }
        #expect(outcome.cookie == .clear)
        #expect(fixture.cache.log.filter { !$0.hasPrefix("REPLACE") }.first == "ADD \(Fixture.lockKey)")
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `a logout that finds the lock taken deletes the session all the same, revokes it and says so`()
        async throws
    {
        let fixture = try Fixture { $0.locking.retries = 0 }
        fixture.store(#"{"user":1}"#)
        fixture.cache.inject("REPLACE lock.", .fail(.outage), times: 100)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            fixture.time.advance(by: .seconds(11))
            fixture.cache.put(Fixture.lockKey, "another")
            try session.destroy()
        }
        #expect(outcome.cookie == .clear)
        #expect(outcome.destruction == .withoutLock)
        #expect(fixture.stored == nil)
        #expect(fixture.cache.items["gone.\(Fixture.id)"]?.expiration == .after(.seconds(60)))
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test func `a session can be destroyed from elsewhere, under its lock`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .underLock)
        #expect(fixture.cache.items.isEmpty)
        fixture.cache.clearLog()
        #expect(try await fixture.handler.destroySession(id: "lock.\(Fixture.id)") == nil)
        #expect(fixture.cache.log == [])
    }

    @Test(arguments: [true, false])
    func `a logout whose lock turns out to be lost revokes the session`(isSingleServer: Bool) async throws {
        for taken in ["another", nil] {
            let fixture = try Fixture(isSingleServer: isSingleServer)
            fixture.store(#"{"user":1}"#)
            let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
                // A PHP request that was late has deleted the lock blindly, and the next one has taken it.
                fixture.cache.remove(Fixture.lockKey)
                if let taken { fixture.cache.put(Fixture.lockKey, taken) }
                try session.destroy()
            }
            #expect(outcome.cookie == .clear)
            #expect(outcome.destruction == .withoutLock)
            #expect(fixture.stored == nil)
            #expect(fixture.cache.text(Fixture.lockKey) == taken)
            fixture.store(#"{"user":1}"#)
            #expect(try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.isNew }.value)
        }
    }

    @Test func `a logout that took its lock again and lost that too revokes the session`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        fixture.cache.inject("REPLACE lock.", .fail(.outage), times: 100)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            fixture.time.advance(by: .seconds(11))
            fixture.cache.inject("DELETE \(Fixture.id)", .before { $0.put(Fixture.lockKey, "another") })
            try session.destroy()
        }
        #expect(outcome.destruction == .withoutLock)
        #expect(fixture.stored == nil)
        #expect(fixture.cache.text("gone.\(Fixture.id)") != nil)
    }
}
