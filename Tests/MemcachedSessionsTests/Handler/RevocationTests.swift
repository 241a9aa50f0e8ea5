import Memcached
import NIOCore
import Synchronization
import Testing

@testable import MemcachedSessions

/// Sessions that were destroyed while another held their lock.
@Suite struct RevocationTests {
    static let goneKey = "gone." + Fixture.id

    /// A session whose lock another request holds, destroyed.
    static func revoked(
        isSingleServer: Bool = true,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) async throws -> Fixture {
        let fixture = try Fixture(isSingleServer: isSingleServer) {
            $0.locking.retries = 0
            configure(&$0)
        }
        fixture.store(#"{"user":1}"#)
        fixture.cache.put(Fixture.lockKey, "another")
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .withoutLock)
        #expect(fixture.stored == nil)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
        return fixture
    }

    @Test(arguments: [true, false])
    func `what a slow PHP request stores again is not used, and is removed`(isSingleServer: Bool) async throws {
        let fixture = try await Self.revoked(isSingleServer: isSingleServer)
        // As PHP ends: a blind SET and a blind DELETE.
        fixture.store(#"{"user":1}"#)
        fixture.cache.remove(Fixture.lockKey)
        #expect(try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.isNew }.value)
        #expect(fixture.stored != nil, "what is read without the lock is not removed")
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(session.isNew)
            #expect(session["user", as: Int.self] == nil)
        }
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == nil)
        #expect(fixture.cache.lockCount == 0)
        #expect(fixture.cache.items[Self.goneKey] != nil)
    }

    @Test func `nothing is stored under a revoked id, not even without strict mode`() async throws {
        let fixture = try await Self.revoked { $0.isStrict = false }
        fixture.cache.remove(Fixture.lockKey)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 1 }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("no other id was given")
            return
        }
        #expect(id != Fixture.id)
        #expect(fixture.stored == nil)
        let session = fixture.handler.open()
        #expect(try await !session.validateSID(Fixture.id))
        _ = try await session.read(Fixture.id)
        #expect(await sessionError { try await session.write(Fixture.id, ByteBuffer()) }?.code == .unknownID)
        await session.close()
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `after a while the id is as unknown as any other`() async throws {
        let fixture = try await Self.revoked { $0.revocation = .seconds(30) }
        fixture.cache.remove(Fixture.lockKey)
        fixture.time.advance(by: .seconds(31))
        fixture.store(#"{"user":1}"#)
        #expect(try await fixture.handler.withSession(id: Fixture.id) { !$0.isNew }.value)
    }

    @Test func `a second logout prolongs what the first one left`() async throws {
        let fixture = try await Self.revoked()
        fixture.time.advance(by: .seconds(59))
        fixture.cache.put(Fixture.lockKey, "another")
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .withoutLock)
        fixture.time.advance(by: .seconds(59))
        fixture.store("{}")
        #expect(try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.isNew }.value)
    }

    @Test func `a mark whose answer is lost is stored, and one that cannot be stored fails the logout`() async throws {
        let fixture = try Fixture { $0.locking.retries = 0 }
        fixture.store("{}")
        fixture.cache.put(Fixture.lockKey, "another")
        fixture.cache.inject("ADD gone.", .fail(.outage))
        let error = await sessionError { try await fixture.handler.destroySession(id: Fixture.id) }
        #expect(error?.code == .unavailable)
        #expect(fixture.stored == "{}", "the session is still there, and the caller knows")
        fixture.cache.inject("ADD gone.", .loseAnswer)
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .withoutLock)
        #expect(fixture.stored == nil)
        #expect(fixture.cache.text(Self.goneKey) == "1")
    }

    @Test func `without locking each logout leaves the mark, and without revocation none does`() async throws {
        let unlocked = try Fixture { $0.locking.isEnabled = false }
        unlocked.store("{}")
        let outcome = try await unlocked.handler.withSession(id: Fixture.id) { try $0.destroy() }
        #expect(outcome.destruction == .withoutLock)
        #expect(Set(unlocked.cache.items.keys) == [Self.goneKey])

        let fixture = try Fixture {
            $0.revocation = .zero
            $0.locking.retries = 0
        }
        fixture.store("{}")
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(fixture.cache.revocationReads == 0)
        fixture.cache.put(Fixture.lockKey, "another")
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .withoutLock)
        #expect(Set(fixture.cache.items.keys) == [Fixture.lockKey])
    }

    @Test func `a session read beside a mark that cannot be read is not used`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        fixture.cache.inject("GETK gone.", .fail(.outage), times: 2)
        let error = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(error?.code == .unavailable)
        #expect(fixture.cache.lockCount == 0)
    }
}
