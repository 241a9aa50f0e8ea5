import Foundation
import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct SealedSessionTests {
    static func fixture(
        _ keys: UInt8...,
        isSingleServer: Bool = true,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> Fixture {
        let keys = try keys.map(SealedKeysTests.key)
        let idKey = try SealedKeysTests.key(0)
        return try Fixture(isSingleServer: isSingleServer) {
            $0.prefix = "shop."
            $0.sealing = .init(application: "shop", idKey: idKey, keys: keys)
            configure(&$0)
        }
    }

    /// The name under which the session of the fixture's id is stored.
    static func name() throws -> String {
        try SealedKeysTests.keys(SealedKeysTests.sealing(1)).name(of: Fixture.id)
    }

    /// Stores a session as a first visit does.
    static func makeSession(_ fixture: Fixture) async throws -> String {
        let outcome = try await fixture.handler.withSession(id: nil) { $0["user"] = "ada" }
        guard case .set(let id) = outcome.cookie else { throw MemcachedSessionError(.lost, "no cookie") }
        return id
    }

    @Test(arguments: [true, false])
    func `neither ids nor values are in the cache`(isSingleServer: Bool) async throws {
        let fixture = try Self.fixture(1, isSingleServer: isSingleServer)
        let id = try await Self.makeSession(fixture)
        for count in 1...3 {
            let outcome = try await fixture.handler.withSession(id: id) { session in
                #expect(session["user", default: ""] == "ada")
                #expect(fixture.cache.lockCount == 1)
                session["count", default: 0] += 1
                return session["count", default: 0]
            }
            #expect(outcome.value == count)
        }
        _ = try await fixture.handler.withSession(id: id) { _ in }
        #expect(fixture.cache.log.contains { $0.hasPrefix("TOUCH") }, "unchanged sessions are touched here too")
        #expect(fixture.cache.items.count == 1)
        for (key, item) in fixture.cache.items {
            #expect(!key.contains(id))
            #expect(!String(buffer: item.value).contains("ada"))
        }
        #expect(!fixture.cache.log.contains { $0.contains(id) })
        let login = try await fixture.handler.withSession(id: id) { try $0.regenerateID() }
        guard case .set(let new) = login.cookie else {
            Issue.record("a login sets a new cookie")
            return
        }
        #expect(try await fixture.handler.withSession(id: new) { $0["count", default: 0] }.value == 3)
        #expect(try await fixture.handler.withSession(id: new) { try $0.destroy() }.cookie == .clear)
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `PHP's verbs seal as well`() async throws {
        let fixture = try Self.fixture(1)
        let session = fixture.handler.open()
        let id = try session.createSID()
        _ = try await session.read(id)
        try await session.write(id, ByteBuffer(string: "secret"))
        await session.close()
        #expect(fixture.cache.items.values.allSatisfy { !String(buffer: $0.value).contains("secret") })
        let next = fixture.handler.open()
        #expect(try await next.validateSID(id))
        #expect(try await next.read(id).text == "secret")
        try await next.write(id, ByteBuffer(string: "more"))
        #expect(try await next.read(id).text == "more")
        try await next.destroy(id)
        await next.close()
        #expect(fixture.cache.items.isEmpty)
    }

    @Test func `bytes that were moved or changed are not used and not lost, and can be destroyed`() async throws {
        let fixture = try Self.fixture(1)
        _ = try await Self.makeSession(fixture)
        let others = try #require(fixture.cache.items.values.first).value
        let name = try Self.name()
        fixture.cache.putBytes(name, others)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { _ in Issue.record("the closure was called") }
        }
        #expect(error?.code == .unsealable)
        #expect(
            await sessionError { try await fixture.handler.withReadOnlySession(id: Fixture.id) { _ in } }?.code
                == .unsealable
        )
        #expect(fixture.cache.text(name) != nil)
        #expect(fixture.cache.lockCount == 0)
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .underLock)
        #expect(fixture.cache.text(name) == nil)
    }

    @Test func `a session that an old key sealed is sealed again although it does not change`() async throws {
        let old = try Self.fixture(1)
        let id = try await Self.makeSession(old)
        let (key, item) = try #require(old.cache.items.first)
        let both = try Self.fixture(2, 1)
        both.cache.putBytes(key, item.value)
        #expect(try await both.handler.withSession(id: id) { $0["user", default: ""] }.value == "ada")
        let again = try #require(both.cache.items[key]).value
        #expect(again != item.value)
        let new = try Self.fixture(2)
        new.cache.putBytes(key, again)
        #expect(try await new.handler.withSession(id: id) { $0["user", default: ""] }.value == "ada")
        new.cache.putBytes(key, item.value)
        #expect(await sessionError { try await new.handler.withSession(id: id) { _ in } }?.code == .unsealable)
    }

    @Test func `plain sessions are taken over until the day that was set, and sealed`() async throws {
        let today = ManualTime().date
        let fixture = try Self.fixture(1) { $0.sealing?.acceptsPlainUntil = today + 60 }
        fixture.store(#"{"user":"ada"}"#)
        let name = try Self.name()
        let readOnly = try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0["user", default: ""] }
        #expect(readOnly.value == "ada")
        #expect(fixture.stored != nil, "who only reads moves nothing")
        let session = fixture.handler.open()
        #expect(try await session.validateSID(Fixture.id))
        await session.close()
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(!session.isNew)
            #expect(fixture.cache.lockCount == 1)
            session["count"] = 1
            return session["user", default: ""]
        }
        #expect(outcome.value == "ada")
        #expect(outcome.cookie == .keep)
        #expect(Set(fixture.cache.items.keys) == [name])
        #expect(!(fixture.cache.text(name) ?? "").contains("ada"))

        let late = try Self.fixture(1) { $0.sealing?.acceptsPlainUntil = today }
        late.store(#"{"user":"ada"}"#)
        #expect(try await late.handler.withSession(id: Fixture.id) { $0.isNew }.value)
        #expect(late.stored != nil)
        let never = try Self.fixture(1)
        never.store(#"{"user":"ada"}"#)
        #expect(try await never.handler.withSession(id: Fixture.id) { $0.isNew }.value)
        #expect(never.stored != nil)
    }

    @Test(arguments: [true, false])
    func `a logout reaches a session that was not sealed yet`(isSingleServer: Bool) async throws {
        let today = ManualTime().date
        let fixture = try Self.fixture(1, isSingleServer: isSingleServer) {
            $0.sealing?.acceptsPlainUntil = today + 60
            $0.locking.retries = 0
        }
        fixture.store(#"{"user":"ada"}"#)
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .underLock)
        #expect(fixture.cache.items.isEmpty)

        fixture.store(#"{"user":"ada"}"#)
        let session = fixture.handler.open()
        try await session.destroy(Fixture.id)
        await session.close()
        #expect(fixture.cache.items.isEmpty)

        // It was taken over, and the plain one stayed.
        for isRenamed in [false, true] {
            fixture.store(#"{"user":"ada"}"#)
            fixture.cache.inject("DELETE+CAS \(Fixture.id)", .fail(.outage))
            _ = try await fixture.handler.withSession(id: Fixture.id) { session in
                #expect(fixture.stored != nil)
                if isRenamed { try session.regenerateID() } else { try session.destroy() }
            }
            #expect(fixture.stored == nil)
        }

        fixture.store(#"{"user":"ada"}"#)
        fixture.cache.put("lock.\(try Self.name())", "another")
        #expect(try await fixture.handler.destroySession(id: Fixture.id) == .withoutLock)
        #expect(fixture.stored == nil)
    }

    @Test func `a plain session that cannot be deleted fails the logout`() async throws {
        let today = ManualTime().date
        let fixture = try Self.fixture(1) { $0.sealing?.acceptsPlainUntil = today + 60 }
        fixture.store(#"{"user":"ada"}"#)
        fixture.cache.inject("DELETE \(Fixture.id)", .fail(.outage))
        let error = await sessionError { try await fixture.handler.destroySession(id: Fixture.id) }
        #expect(error?.code == .unavailable)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `the name of another's sealed session is no id of a plain one`() async throws {
        let today = ManualTime().date
        let fixture = try Self.fixture(1) { $0.sealing?.acceptsPlainUntil = today + 60 }
        _ = try await Self.makeSession(fixture)
        let (key, item) = try #require(fixture.cache.items.first)
        let outcome = try await fixture.handler.withSession(id: key) { $0.isNew }
        #expect(outcome.value)
        #expect(try await fixture.handler.destroySession(id: key) == .underLock)
        #expect(fixture.cache.items[key]?.value == item.value)
    }

    @Test func `what is counted against the limit is what is stored`() async throws {
        let fixture = try Self.fixture(1) { $0.maximumBytes = 5 + 64 + SealedKeys.overhead + 10 }
        let fitting = ByteBuffer(repeating: 0x61, count: 10)
        #expect(try await fixture.handler.withSession(id: nil) { $0.bytes = fitting }.cookie != .keep)
        let large = ByteBuffer(repeating: 0x61, count: 11)
        let error = await sessionError { try await fixture.handler.withSession(id: nil) { $0.bytes = large } }
        #expect(error?.code == .tooLarge)
    }

    typealias Change = @Sendable (inout MemcachedSessionConfiguration) throws -> Void

    static let mistakes: [(String, Change)] = [
        ("prefix of their own", { $0.prefix = MemcachedSessionConfiguration.defaultPrefix }),
        ("prefix of their own", { try $0.apply(phpSettings: ["memcached.sess_prefix": "shop."]) }),
        ("application", { $0.sealing?.application = "" }), ("at least one key", { $0.sealing?.keys = [] }),
        ("twice", { $0.sealing?.keys = try [SealedKeysTests.key(1), SealedKeysTests.key(1)] }),
        ("idKey", { $0.sealing?.idKey = try SealedKeysTests.key(1) }),
        ("at most 181", { $0.prefix = String(repeating: "p", count: 182) }),
    ]

    @Test(arguments: mistakes.indices)
    func `a configuration that cannot be safe is refused`(index: Int) async throws {
        let (part, change) = Self.mistakes[index]
        var configuration = MemcachedSessionConfiguration(servers: [.tcp("127.0.0.1")])
        configuration.prefix = "shop."
        configuration.sealing = try SealedKeysTests.sealing(1)
        try configuration.validate()
        try change(&configuration)
        let changed = configuration
        let error = await sessionError { try changed.validate() }
        #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "no error")")
    }
}
