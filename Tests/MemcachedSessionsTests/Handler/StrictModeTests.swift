import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct StrictModeTests {
    @Test func `an unknown id costs three commands, stores nothing and keeps its cookie`() async throws {
        let fixture = try Fixture()
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(session.isNew)
            #expect(session.id == nil)
            #expect(fixture.cache.lockCount == 0)
        }
        #expect(outcome.cookie == .keep)
        #expect(
            fixture.cache.log == [
                "ADD \(Fixture.lockKey)", "GETK \(Fixture.id)", "DELETE+CAS \(Fixture.lockKey)",
            ]
        )
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `what is stored for an unknown id gets another one`() async throws {
        let fixture = try Fixture()
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 1 }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set: \(outcome.cookie)")
            return
        }
        #expect(id != Fixture.id)
        #expect(Set(fixture.cache.items.keys) == [id])
    }

    @Test func `without strict mode the session is stored under the id that came, and its lock is held`() async throws {
        let fixture = try Fixture { $0.isStrict = false }
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(session.isNew)
            #expect(session.id == Fixture.id)
            #expect(fixture.cache.lockCount == 1)
            session["a"] = 1
        }
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.log.contains("ADD \(Fixture.id)"))
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `an empty stored session is a session`() async throws {
        let fixture = try Fixture()
        fixture.store("")
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(!session.isNew)
            session["a"] = 1
        }
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == #"{"a":1}"#)
    }
}
