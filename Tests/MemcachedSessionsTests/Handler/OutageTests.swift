import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct OutageTests {
    @Test func `fail closed: without the cache there is no session, no closure and no cookie`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"user":1}"#)
        fixture.cache.inject("", .fail(.outage), times: 10)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { _ in Issue.record("the closure was called") }
        }
        #expect(error?.code == .unavailable)
        #expect((error?.cause as? MemcachedError)?.code == .connectionFailed)
        #expect(fixture.stored == #"{"user":1}"#)
    }

    @Test func `fail open: an empty session that is marked, and nothing of it is stored`() async throws {
        let fixture = try Fixture { $0.availability = .failOpen }
        fixture.store(#"{"user":1}"#)
        fixture.cache.inject("", .fail(.outage), times: 10)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(session.isUnsaved)
            #expect(session.isNew)
            #expect(session["user", as: Int.self] == nil)
            session["user"] = 2
            #expect(throws: MemcachedSessionError(.unsaved, "")) { try session.regenerateID() }
            #expect(throws: MemcachedSessionError(.unsaved, "")) { try session.destroy() }
        }
        #expect(outcome.isUnsaved)
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == #"{"user":1}"#)
        #expect(fixture.cache.items.count == 1)
    }

    @Test func `fail open: a first visit goes on although it cannot be stored, except for a login`() async throws {
        let fixture = try Fixture { $0.availability = .failOpen }
        fixture.cache.inject("", .fail(.outage), times: 10)
        let outcome = try await fixture.handler.withSession(id: nil) { $0["a"] = 1 }
        #expect(outcome.isUnsaved)
        #expect(outcome.cookie == .keep)
        let login = await sessionError {
            try await fixture.handler.withSession(id: nil) { session in
                session["user"] = 1
                try session.regenerateID()
            }
        }
        #expect(login?.code == .unavailable)
    }

    @Test func `fail open: a change of a stored session is never dropped silently`() async throws {
        let fixture = try Fixture { $0.availability = .failOpen }
        fixture.store(#"{"a":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["a"] = 2
                fixture.cache.inject("", .fail(.outage), times: 10)
            }
        }
        #expect(error?.code == .unavailable)
    }

    @Test func `fail open opens for outages only`() async throws {
        for (code, expected) in [
            (MemcachedError.Code.authenticationRefused, MemcachedSessionError.Code.refused),
            (.notBinaryProtocol, .refused), (.notPermitted, .refused), (.clientShutDown, .ended),
        ] {
            let fixture = try Fixture { $0.availability = .failOpen }
            fixture.cache.inject("", .fail(MemcachedError(code, "")), times: 10)
            let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
            #expect(error?.code == expected, "\(code)")
        }
        let locked = try Fixture {
            $0.availability = .failOpen
            $0.locking.retries = 0
        }
        locked.cache.put(Fixture.lockKey, "another")
        #expect(await sessionError { try await locked.handler.withSession(id: Fixture.id) { _ in } }?.code == .locked)
    }

    @Test func `a server without CAS is refused and no lock is left on it`() async throws {
        let fixture = try Fixture(keepsCAS: false)
        fixture.store("{}")
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .unsafeServer)
        #expect(error?.detail.contains("server 0: ADD gives no CAS") == true)
        #expect(fixture.cache.lockCount == 0)
        let new = await sessionError { try await fixture.handler.withSession(id: nil) { $0["a"] = 1 } }
        #expect(new?.code == .unsafeServer)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a lock that was got and a session that cannot be read leave no lock behind`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        fixture.cache.inject("GETK \(Fixture.id)", .fail(.outage), times: 2)
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .unavailable)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a read that failed beside its lock is tried once more`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("GETK \(Fixture.id)", .fail(.outage))
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { $0["a", default: 0] }
        #expect(outcome.value == 1)
    }
}
