import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct SessionPlanTests {
    static func id() throws -> SessionID { try #require(SessionID(Fixture.id, prefix: "")) }

    static func cas() throws -> MemcachedCAS { try #require(MemcachedCAS(rawValue: 7)) }

    static func stored(_ text: String) throws -> SessionOrigin {
        .stored(try id(), MemcachedItem(value: ByteBuffer(string: text), cas: try cas()), try cas())
    }

    static func plan(
        _ origin: SessionOrigin,
        _ text: String,
        destroyed: Bool = false,
        renamed: Bool = false,
        lazily: Bool = true
    ) -> SessionPlan {
        SessionPlan(
            origin,
            bytes: ByteBuffer(string: text),
            isDestroyed: destroyed,
            renaming: renamed ? .now : nil,
            writesLazily: lazily
        )
    }

    @Test func `a stored session is touched, replaced, renamed or deleted`() throws {
        let id = try Self.id()
        let origin = try Self.stored("a")
        let bytes = ByteBuffer(string: "b")
        #expect(Self.plan(origin, "a") == .touch(id))
        #expect(Self.plan(origin, "a", lazily: false) == .replace(id, ByteBuffer(string: "a"), try Self.cas()))
        #expect(Self.plan(origin, "b") == .replace(id, bytes, try Self.cas()))
        #expect(Self.plan(origin, "") == .replace(id, ByteBuffer(), try Self.cas()))
        #expect(Self.plan(origin, "b", renamed: true) == .rename(id, bytes, try Self.cas(), .now))
        #expect(Self.plan(origin, "b", destroyed: true) == .destroy(id))
        #expect(Self.plan(origin, "b", destroyed: true, renamed: true) == .destroy(id))
    }

    @Test func `a new session is stored only if it holds something`() {
        #expect(Self.plan(.new, "") == .nothing(.keepCookie))
        #expect(Self.plan(.new, "", renamed: true) == .nothing(.keepCookie))
        #expect(Self.plan(.new, "b") == .create(ByteBuffer(string: "b")))
        #expect(Self.plan(.new, "b", renamed: true) == .create(ByteBuffer(string: "b")))
        #expect(Self.plan(.new, "b", destroyed: true) == .nothing(.keepCookie))
    }

    @Test func `nothing is stored under a refused id, and its cookie goes only with a logout`() {
        #expect(Self.plan(.refused, "") == .nothing(.keepCookie))
        #expect(Self.plan(.refused, "b") == .create(ByteBuffer(string: "b")))
        #expect(Self.plan(.refused, "b", destroyed: true) == .nothing(.clearCookie))
    }

    @Test func `an adopted id is used unless the session is renamed`() throws {
        let origin = SessionOrigin.adopted(try Self.id())
        #expect(Self.plan(origin, "") == .nothing(.keepCookie))
        #expect(Self.plan(origin, "b") == .adopt(try Self.id(), ByteBuffer(string: "b")))
        #expect(Self.plan(origin, "b", renamed: true) == .create(ByteBuffer(string: "b")))
        #expect(Self.plan(origin, "b", destroyed: true) == .nothing(.clearCookie))
    }

    @Test func `without the cache nothing is done and no cookie changes`() {
        #expect(Self.plan(.unavailable, "") == .nothing(.keepCookie))
        #expect(Self.plan(.unavailable, "b") == .nothing(.keepCookie))
    }
}
