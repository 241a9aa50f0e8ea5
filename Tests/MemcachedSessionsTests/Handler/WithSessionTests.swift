import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct WithSessionTests {
    @Test func `a request without a cookie that stores nothing asks the cache nothing`() async throws {
        let fixture = try Fixture()
        let outcome = try await fixture.handler.withSession(id: nil) { session in
            #expect(session.isNew)
            #expect(session.id == nil)
            return session["count", default: 7]
        }
        #expect(outcome.value == 7)
        #expect(outcome.cookie == .keep)
        #expect(fixture.cache.log == [])
    }

    @Test(arguments: [
        "", "short", "lock.0123456789abcdefghijklmnop", "0123456789abcdefghijklmnopqrs\r\n",
        "ümlaut-ümlaut-ümlaut-ümlaut",
    ])
    func `what is no session id costs nothing either`(cookie: String) async throws {
        let fixture = try Fixture()
        let outcome = try await fixture.handler.withSession(id: cookie) { $0.isNew }
        #expect(outcome.value)
        #expect(outcome.cookie == .keep)
        #expect(fixture.cache.log == [])
    }

    @Test func `a first visit stores the session under a new id while its lock is held`() async throws {
        let fixture = try Fixture()
        let outcome = try await fixture.handler.withSession(id: nil) { $0["count", default: 0] += 1 }
        guard case .set(let id) = outcome.cookie else {
            Issue.record("the cookie was not set: \(outcome.cookie)")
            return
        }
        #expect(id.utf8.count == 32)
        #expect(fixture.cache.log == ["ADD lock.\(id)", "ADD \(id)", "DELETE+CAS lock.\(id)"])
        #expect(fixture.cache.flights == [2])
        #expect(fixture.cache.text(id) == #"{"count":1}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a changed session travels in two flights`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":1}"#)
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(!session.isNew)
            #expect(session.id == Fixture.id)
            #expect(fixture.cache.lockCount == 1)
            session["count", default: 0] += 1
            return session["count", default: 0]
        }
        #expect(outcome.value == 2)
        #expect(outcome.cookie == .keep)
        #expect(fixture.stored == #"{"count":2}"#)
        #expect(
            fixture.cache.log == [
                "ADD \(Fixture.lockKey)", "GETK \(Fixture.id)", "REPLACE \(Fixture.id)",
                "DELETE+CAS \(Fixture.lockKey)",
            ]
        )
        #expect(fixture.cache.flights == [3, 2])
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `keys on two servers are asked one after the other, the lock first and last`() async throws {
        let fixture = try Fixture(isSingleServer: false)
        fixture.store("{}")
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = "b" }
        #expect(
            fixture.cache.log == [
                "ADD \(Fixture.lockKey)", "GETK \(Fixture.id)", "REPLACE \(Fixture.id)",
                "DELETE+CAS \(Fixture.lockKey)",
            ]
        )
        #expect(fixture.cache.flights == [2])
        #expect(fixture.stored == #"{"a":"b"}"#)
    }

    @Test func `an unchanged session is touched`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":1}"#)
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            session["count"] = 2
            session["count"] = 1
        }
        #expect(fixture.cache.log.contains("TOUCH \(Fixture.id)"))
        #expect(!fixture.cache.log.contains("REPLACE \(Fixture.id)"))
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(1_440)))
    }

    @Test func `without lazy writing an unchanged session is written`() async throws {
        let fixture = try Fixture { $0.writesLazily = false }
        fixture.store(#"{"count":1}"#)
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(fixture.cache.log.contains("REPLACE \(Fixture.id)"))
        #expect(fixture.stored == #"{"count":1}"#)
    }

    @Test func `the lifetime is sent with what is stored, and never only where it is spelled out`() async throws {
        let fixture = try Fixture { $0.lifetime = .after(.seconds(60)) }
        fixture.store("{}")
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0["a"] = 1 }
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(60)))

        let eternal = try Fixture { $0.lifetime = .never }
        eternal.store("{}")
        _ = try await eternal.handler.withSession(id: Fixture.id) { $0["a"] = 1 }
        #expect(eternal.cache.items[Fixture.id]?.expiration == .never)
    }

    @Test func `a session that loses all its variables is stored empty and stays`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        _ = try await fixture.handler.withSession(id: Fixture.id) { try $0.removeValue(for: "a") }
        #expect(fixture.stored == "")
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { $0.isNew }
        #expect(!outcome.value)
    }

    @Test func `the closure may use what is not sendable, and return it`() async throws {
        final class Page {
            var visits = 0
        }
        let fixture = try Fixture()
        fixture.store(#"{"count":4}"#)
        let page = Page()
        let outcome = try await fixture.handler.withSession(id: Fixture.id) { session in
            page.visits = session["count", default: 0]
            return page
        }
        #expect(outcome.value === page)
        #expect(page.visits == 4)
    }

    @Test func `a closure that throws stores nothing and gives the lock back`() async throws {
        struct Failure: Error {}
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        await #expect(throws: Failure.self) {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["a"] = 2
                throw Failure()
            }
        }
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a request that is cancelled before the end of its closure stores nothing`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let task = Task {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                session["a"] = 2
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        let error = await sessionError { try await task.value }
        #expect(error?.code == .cancelled)
        #expect(fixture.stored == #"{"a":1}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a session kept beyond its closure takes no more changes`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"a":1}"#)
        let kept = try await fixture.handler.withSession(id: Fixture.id) { $0 }.value
        kept["a"] = 2
        kept.bytes = ByteBuffer(string: "x")
        #expect(kept.bytes.text == #"{"a":1}"#)
        #expect(throws: MemcachedSession.State.ended) { try kept.setValue(2, for: "a") }
        #expect(throws: MemcachedSession.State.ended) { try kept.destroy() }
    }

    @Test func `raw bytes are stored as they are`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        _ = try await fixture.handler.withSession(id: Fixture.id) { session in
            #expect(session.bytes.text == "count|i:1;")
            session.bytes = ByteBuffer(string: "count|i:2;")
        }
        #expect(fixture.stored == "count|i:2;")
        #expect(fixture.cache.items[Fixture.id]?.flags == 0)
    }

    @Test func `a session in another format is left as it is`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { $0["count", default: 0] += 1 }
        }
        #expect(error?.code == .decodingFailed)
        #expect(fixture.stored == "count|i:1;")
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a variable of another type is not replaced by a default`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":"many"}"#)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { $0["count", default: 0] += 1 }
        }
        #expect(error?.code == .decodingFailed)
        #expect(fixture.stored == #"{"count":"many"}"#)
    }

    @Test func `a session that is too large is refused before anything of it is sent`() async throws {
        let fixture = try Fixture { $0.maximumBytes = 14 + 32 + 100 }
        fixture.store("{}")
        let large = ByteBuffer(repeating: 0x61, count: 101)
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { $0.bytes = large }
        }
        #expect(error?.code == .tooLarge)
        #expect(fixture.stored == "{}")
        #expect(fixture.cache.lockCount == 0)
        let fresh = await sessionError { try await fixture.handler.withSession(id: nil) { $0.bytes = large } }
        #expect(fresh?.code == .tooLarge)
        #expect(fixture.cache.items.count == 1)

        let fitting = ByteBuffer(repeating: 0x61, count: 100)
        _ = try await fixture.handler.withSession(id: Fixture.id) { $0.bytes = fitting }
        #expect(fixture.stored?.utf8.count == 100)
    }
}
