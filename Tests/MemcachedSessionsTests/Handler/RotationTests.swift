import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct RotationTests {
    private static func fixture(
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> Fixture {
        let fixture = try Fixture {
            $0.prefix = "app.session."
            configure(&$0)
        }
        fixture.store(#"{"cart":1}"#)
        return fixture
    }

    /// Rotates the id of the stored session, with a change.
    private static func rotate(_ fixture: Fixture, for grace: Duration = .seconds(10)) async throws -> String {
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["cart"] = 2
            try session.regenerateID(leavingOldFor: grace)
        }
        guard case .set(let id) = outcome.cookie else { throw MemcachedSessionError(.ended, "no cookie was set") }
        return id
    }

    @Test func `the session goes on under a new id and the old one can be read for a while`() async throws {
        let fixture = try Self.fixture()
        let id = try await Self.rotate(fixture)
        #expect(fixture.cache.text(id) == #"{"cart":2}"#)
        #expect(fixture.stored == #"{"cart":2}"#)
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(10)))
        #expect(fixture.cache.lockCount == 0)
        for _ in 0..<2 {
            let old = try await fixture.handler.withSession(id: Fixture.id) { session in
                (session["cart", default: 0], session.isReadOnly, session.isNew)
            }
            #expect(old.value == (2, true, false) && old.cookie == .keep)
            let readOnly = try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0["cart", default: 0] }
            #expect(readOnly.value == 2)
        }
        #expect(!fixture.cache.log.contains { $0.hasPrefix("TOUCH \(Fixture.id)") })
        fixture.time.advance(by: .seconds(11))
        #expect(try await fixture.handler.withSession(id: Fixture.id) { $0.isNew }.value)
        #expect(try await fixture.handler.withSession(id: id) { $0["cart", default: 0] }.value == 2)
    }

    @Test func `under the old id nothing can be changed, destroyed, renamed, written or prolonged`() async throws {
        let fixture = try Self.fixture()
        let id = try await Self.rotate(fixture)
        let changes: [@Sendable (MemcachedSession) throws -> Void] = [
            { $0["cart"] = 3 }, { try $0.destroy() }, { try $0.regenerateID() },
            { try $0.regenerateID(leavingOldFor: .seconds(5)) },
        ]
        for change in changes {
            let error = await sessionError {
                try await fixture.handler.withSession(id: Fixture.id) { try change($0) }
            }
            #expect(error?.code == .readOnly)
        }
        let open = fixture.handler.open()
        let bytes = try await open.read(Fixture.id)
        #expect(await sessionError { try await open.write(Fixture.id, bytes) }?.code == .readOnly)
        #expect(await sessionError { try await open.updateTimestamp(Fixture.id) }?.code == .readOnly)
        #expect(await sessionError { try await open.regenerate(Fixture.id, bytes) }?.code == .readOnly)
        await open.close()
        #expect(fixture.cache.text(id) == #"{"cart":2}"#)
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(10)))
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a reader who had looked before prolongs the item and not the time`() async throws {
        let fixture = try Self.fixture()
        _ = try await fixture.handler.withReadOnlySession(id: Fixture.id) { _ in
            _ = try await Self.rotate(fixture)
        }
        // The control: the reader's TOUCH has given it a full lifetime.
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(1_440)))
        fixture.time.advance(by: .seconds(11))
        #expect(fixture.stored != nil)
        #expect(try await fixture.handler.withSession(id: Fixture.id) { $0.isNew }.value)
        #expect(try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.isNew }.value)
        #expect(try await !fixture.handler.open().validateSID(Fixture.id))
    }

    @Test func `beside PHP it is refused, and nothing is stored`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"cart":1}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["cart"] = 2
                try session.regenerateID(leavingOldFor: .seconds(10))
            }
        }
        #expect(error?.code == .sharedWithPHP)
        #expect(fixture.stored == #"{"cart":1}"#)
        #expect(Set(fixture.cache.items.keys) == [Fixture.id])
    }

    @Test(arguments: [Duration.zero, .milliseconds(999), .seconds(61), .seconds(-1)])
    func `the time has to be a few seconds`(grace: Duration) async throws {
        let fixture = try Self.fixture()
        #expect(await sessionError { try await Self.rotate(fixture, for: grace) }?.code == .invalidArgument)
        #expect(Set(fixture.cache.items.keys) == [Fixture.id])
    }

    @Test(arguments: [true, false])
    func `at a login the old id is gone at once, whatever else was asked for`(isFirst: Bool) async throws {
        let fixture = try Self.fixture()
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            if isFirst { try session.regenerateID() }
            try session.regenerateID(leavingOldFor: .seconds(10))
            if !isFirst { try session.regenerateID() }
        }
        #expect(fixture.stored == nil)
    }

    @Test func `an answer that was lost is found again`() async throws {
        let fixture = try Self.fixture()
        fixture.cache.inject("REPLACE \(Fixture.id)", .loseAnswer)
        let id = try await Self.rotate(fixture)
        #expect(fixture.cache.text(id) == #"{"cart":2}"#)
        #expect(fixture.cache.items[Fixture.id]?.flags != 0)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a session that another changed or ended meanwhile does not get a new id`() async throws {
        for (isChanged, code) in [(true, MemcachedSessionError.Code.conflict), (false, .lost)] {
            let fixture = try Self.fixture()
            let error = await sessionError {
                try await fixture.handler.withSession(id: Fixture.id) { session in
                    try session.regenerateID(leavingOldFor: .seconds(10))
                    if isChanged { fixture.store("{}") } else { fixture.cache.remove(Fixture.id) }
                }
            }
            #expect(error?.code == code)
            #expect(fixture.cache.items.keys.allSatisfy { $0 == Fixture.id })
        }
    }

}
