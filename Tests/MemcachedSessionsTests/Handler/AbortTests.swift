import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct AbortTests {
    @Test func `an aborted session is neither stored nor touched, and unlocked`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["a"] = 2
            try session.abort()
            try session.regenerateID()
        }
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(
            fixture.cache.log == ["ADD \(Fixture.lockKey)", "GETK \(Fixture.id)", "DELETE+CAS \(Fixture.lockKey)"]
        )
    }

    @Test func `aborting hides no bytes that cannot be read from the caller who does not care`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["count", default: 0] += 1
            try session.abort()
        }
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == "count|i:1;")
    }

    @Test func `a logout outdoes it, and a first visit stays without a session`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        let logout = try await fixture.handler.withSession(id: Fixture.id) { session in
            try session.destroy()
            try session.abort()
        }
        #expect(logout.cookie == .clear)
        #expect(fixture.cache.items.isEmpty)
        let visit = try await fixture.handler.withSession(id: nil) { session in
            session["a"] = 1
            try session.abort()
        }
        #expect(visit.cookie == .keep)
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `PHP's verbs: abort gives the lock back, regenerate moves the session`() async throws {
        let fixture = try Fixture()
        fixture.store("1")
        let aborted = fixture.handler.open()
        _ = try await aborted.read(Fixture.id)
        await aborted.abort()
        #expect(fixture.cache.lockCount == 0)
        #expect(fixture.stored == "1")

        let session = fixture.handler.open()
        let bytes = try await session.read(Fixture.id)
        let id = try await session.regenerate(Fixture.id, bytes)
        #expect(Set(fixture.cache.items.keys) == [id])
        #expect(try await session.read(id).text == "1")
        try await session.write(id, ByteBuffer(string: "2"))
        await session.close()
        #expect(fixture.cache.text(id) == "2")
        #expect(fixture.cache.lockCount == 0)

        let unknown = fixture.handler.open()
        _ = try await unknown.read(Fixture.id)
        #expect(await sessionError { try await unknown.regenerate(Fixture.id, bytes) }?.code == .lost)
        await unknown.close()
    }
}
