import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

/// Three servers; the session's own is the first, its lock's the second.
@Suite struct ReplicaTests {
    static func fixture(_ replicas: Int) throws -> Fixture {
        try Fixture(isSingleServer: false) { $0.replicas = replicas }
    }

    static func copy(_ server: Int, _ id: String = Fixture.id) -> String { "@\(server):\(id)" }

    @Test(arguments: [(0, 1), (1, 2), (2, 3), (9, 3)])
    func `a session is on so many servers, in the order of the list, and its lock on one`(
        replicas: Int,
        expected: Int
    ) async throws {
        let fixture = try Self.fixture(replicas)
        let outcome = try await fixture.handler.withSession(id: nil) { $0["a"] = 1 }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set")
            return
        }
        #expect(Set(fixture.cache.items.keys) == Set(([id] + [1, 2].map { Self.copy($0, id) }).prefix(expected)))
        _ = try await fixture.handler.withSession(id: id) { $0["a"] = 2 }
        #expect(fixture.cache.items.values.allSatisfy { String(buffer: $0.value) == #"{"a":2}"# })
        #expect(fixture.cache.items.count == expected)
        let login = try await fixture.handler.withSession(id: id) { try $0.regenerateID() }
        guard case .set(let new) = login.cookie else {
            Issue.record("a login sets a new cookie")
            return
        }
        #expect(fixture.cache.items.count == expected)
        #expect(fixture.cache.items.keys.allSatisfy { $0.hasSuffix(new) })
        _ = try await fixture.handler.withSession(id: new) { try $0.destroy() }
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `copies are made while the lock is held, and prolonged with the session`() async throws {
        let fixture = try Self.fixture(1)
        fixture.store("{}")
        fixture.cache.put(Self.copy(1), "{}")
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 1 }
        #expect(
            fixture.cache.log == [
                "ADD \(Fixture.lockKey)", "GETK \(Fixture.id)", "REPLACE \(Fixture.id)", "REPLACE \(Fixture.id) @1",
                "DELETE+CAS \(Fixture.lockKey)",
            ]
        )
        fixture.cache.clearLog()
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(fixture.cache.log.contains("TOUCH \(Fixture.id) @1"))
        #expect(fixture.cache.items[Self.copy(1)]?.expiration == .after(.seconds(1_440)))
    }

    @Test func `a session that its server has lost comes back from a copy, by ADD and under its lock`() async throws {
        let fixture = try Self.fixture(2)
        fixture.cache.put(Self.copy(2), #"{"a":1}"#)
        #expect(try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0["a", default: 0] }.value == 1)
        #expect(fixture.stored == nil, "who only reads repairs nothing")
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(fixture.stored == #"{"a":1}"#)
            #expect(fixture.cache.lockCount == 1)
            session["a", default: 0] += 1
        }
        #expect(outcome.cookie == .keep)
        #expect(fixture.cache.log.contains("ADD \(Fixture.id)"))
        #expect(fixture.cache.items.count == 3)
        #expect(fixture.cache.items.values.allSatisfy { String(buffer: $0.value) == #"{"a":2}"# })
    }

    @Test func `what comes back meanwhile is not overwritten by a copy`() async throws {
        let fixture = try Self.fixture(1)
        fixture.cache.put(Self.copy(1), #"{"a":1}"#)
        fixture.cache.inject("ADD \(Fixture.id)", .before { $0.put(Fixture.id, #"{"a":7}"#) })
        #expect(try await fixture.handler.withSession(id: Fixture.id) { $0["a", default: 0] }.value == 7)
    }

    @Test func `a copy brings no destroyed session back, and a logout that cannot reach one fails`() async throws {
        let fixture = try Self.fixture(1)
        fixture.store(#"{"a":1}"#)
        fixture.cache.put(Self.copy(1), #"{"a":1}"#)
        fixture.cache.inject("DELETE \(Fixture.id) @1", .fail(.outage))
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { try $0.destroy() }
        }
        #expect(error?.code == .unavailable)
        #expect(fixture.stored != nil)
        #expect(fixture.cache.lockCount == 0)
        _ = try await fixture.handler.withSession(id: Fixture.id) { try $0.destroy() }
        #expect(fixture.cache.items.isEmpty)
        #expect(try await fixture.handler.withSession(id: Fixture.id) { $0.isNew }.value)
    }

    @Test func `a copy that cannot be kept or read costs nothing`() async throws {
        let fixture = try Self.fixture(1)
        fixture.store(#"{"a":1}"#)
        fixture.cache.inject("REPLACE \(Fixture.id) @1", .fail(.outage))
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 2 }
        #expect(fixture.stored == #"{"a":2}"#)
        #expect(fixture.cache.lockCount == 0)
        fixture.cache.remove(Fixture.id)
        fixture.cache.inject("GETK \(Fixture.id) @1", .fail(.outage))
        #expect(try await fixture.handler.withSession(id: Fixture.id) { $0.isNew }.value)
    }
}
