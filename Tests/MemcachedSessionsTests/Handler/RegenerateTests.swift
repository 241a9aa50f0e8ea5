import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct RegenerateTests {
    @Test(arguments: [true, false])
    func `a new id takes the session along and the old one is gone`(isSingleServer: Bool) async throws {
        let fixture = try Fixture(isSingleServer: isSingleServer)
        fixture.store(#"{"cart":1}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["user"] = "ada"
            try session.regenerateID()
        }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set: \(outcome.cookie)")
            return
        }
        #expect(id != Fixture.id)
        #expect(fixture.cache.text(id) == #"{"cart":1,"user":"ada"}"#)
        #expect(Set(fixture.cache.items.keys) == [id])
        #expect(
            fixture.cache.log.dropFirst(2) == [
                "ADD lock.\(id)", "ADD \(id)", "DELETE+CAS \(Fixture.id)", "DELETE+CAS \(Fixture.lockKey)",
                "DELETE+CAS lock.\(id)",
            ]
        )
    }

    @Test func `an unchanged session gets a new id as well`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"cart":1}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { try $0.regenerateID() }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set")
            return
        }
        #expect(fixture.cache.text(id) == #"{"cart":1}"#)
        #expect(fixture.stored == nil)
    }

    @Test func `a session that was logged out meanwhile does not come back under a new id`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                try session.regenerateID()
                fixture.cache.remove(Fixture.id)
            }
        }
        #expect(error?.code == .lost)
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `a session that another changed meanwhile stays with its change`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                try session.regenerateID()
                fixture.store(#"{"user":2}"#)
            }
        }
        #expect(error?.code == .conflict)
        #expect(Set(fixture.cache.items.keys) == [Fixture.id])
        #expect(fixture.stored == #"{"user":2}"#)
    }

    @Test func `when the new session cannot be stored the old one stays, unlocked`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                try session.regenerateID()
                fixture.cache.inject("ADD lock.", .fail(.outage))
            }
        }
        #expect(error?.code == .unavailable)
        #expect(Set(fixture.cache.items.keys) == [Fixture.id])
    }

    @Test func `when the old session cannot be deleted the new one does not live on`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                try session.regenerateID()
                fixture.cache.inject("DELETE+CAS \(Fixture.id)", .fail(.outage))
            }
        }
        #expect(error?.code == .unavailable)
        #expect(Set(fixture.cache.items.keys) == [Fixture.id])
    }

    @Test func `a lock that has run out renames nothing`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        fixture.cache.inject("REPLACE lock.", .fail(.outage), times: 100)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                try session.regenerateID()
                fixture.time.advance(by: .seconds(11))
            }
        }
        #expect(error?.code == .lockLost)
        #expect(fixture.stored == #"{"user":1}"#)
        #expect(fixture.cache.items.keys.filter { !$0.hasPrefix("lock.") } == [Fixture.id])
    }

    @Test func `a login in a first visit is stored once, under a new id`() async throws {
        let fixture = try Fixture()
        let outcome = try await fixture.handler.withSession(id: nil) { session in
            session["user"] = "ada"
            try session.regenerateID()
        }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set")
            return
        }
        #expect(Set(fixture.cache.items.keys) == [id])
    }

    @Test(arguments: [true, false])
    func `a login goes on when its lock was lost and nobody had changed the session`(isSingleServer: Bool) async throws
    {
        let fixture = try Fixture(isSingleServer: isSingleServer)
        fixture.store(#"{"cart":1}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["user"] = "ada"
            try session.regenerateID()
            fixture.cache.put(Fixture.lockKey, "another")
        }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set")
            return
        }
        #expect(fixture.cache.text(id) == #"{"cart":1,"user":"ada"}"#)
        #expect(fixture.stored == nil)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }
}
