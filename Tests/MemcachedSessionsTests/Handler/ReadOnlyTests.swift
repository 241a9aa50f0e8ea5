import Memcached
import NIOCore
import PHPSessionCodec
import Testing

@testable import MemcachedSessions

@Suite struct ReadOnlyTests {
    @Test func `reading takes no lock, and touches at most once a minute`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":4}"#)
        fixture.cache.put(Fixture.lockKey, "another")
        for _ in 0..<3 {
            let outcome = try await fixture.handler.withReadOnlySession(id: Fixture.id) { session in
                #expect(session.id == Fixture.id)
                #expect(session.isReadOnly)
                return session["count", default: 0]
            }
            #expect(outcome.value == 4)
            #expect(outcome.cookie == .keep)
        }
        #expect(
            fixture.cache.log == [
                "GETK \(Fixture.id)", "TOUCH \(Fixture.id)", "GETK \(Fixture.id)", "GETK \(Fixture.id)",
            ]
        )
        fixture.time.advance(by: .seconds(60))
        _ = try await fixture.handler.withReadOnlySession(id: Fixture.id) { _ in }
        #expect(fixture.cache.log.count { $0.hasPrefix("TOUCH") } == 2)
        fixture.time.advance(by: .seconds(600))
        _ = try await fixture.handler.withReadOnlySession(id: Fixture.id, touchInterval: nil) { _ in }
        #expect(fixture.cache.log.count { $0.hasPrefix("TOUCH") } == 2)
    }

    @Test func `no change is possible`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":4}"#)
        let error = await sessionError {
            try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0["count", default: 0] += 1 }
        }
        #expect(error?.code == .readOnly)
        _ = try await fixture.handler.withReadOnlySession(id: Fixture.id) { session in
            #expect(throws: MemcachedSession.State.readOnly) { try session.setValue(1, for: "a") }
            #expect(throws: MemcachedSession.State.readOnly) { try session.removeValue(for: "count") }
            #expect(throws: MemcachedSession.State.readOnly) { try session.destroy() }
            #expect(throws: MemcachedSession.State.readOnly) { try session.regenerateID() }
        }
        let bytes = await sessionError {
            try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.bytes = ByteBuffer(string: "x") }
        }
        #expect(bytes?.code == .readOnly)
        #expect(fixture.stored == #"{"count":4}"#)
    }

    @Test func `without a cookie nothing is asked, and an unknown id keeps its cookie`() async throws {
        let fixture = try Fixture()
        #expect(try await fixture.handler.withReadOnlySession(id: nil) { $0.isNew }.value)
        #expect(try await fixture.handler.withReadOnlySession(id: "lock.\(Fixture.id)") { $0.isNew }.value)
        #expect(fixture.cache.log == [])
        let outcome = try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.isNew }
        #expect(outcome.value)
        #expect(outcome.cookie == .keep)
        #expect(fixture.cache.log == ["GETK \(Fixture.id)"])
    }

    @Test func `an outage is an error or an empty session, and a failed touch is neither`() async throws {
        let closed = try Fixture()
        closed.cache.inject("GETK", .fail(.outage))
        #expect(
            await sessionError { try await closed.handler.withReadOnlySession(id: Fixture.id) { _ in } }?.code
                == .unavailable
        )
        let open = try Fixture { $0.availability = .failOpen }
        open.cache.inject("GETK", .fail(.outage))
        #expect(try await open.handler.withReadOnlySession(id: Fixture.id) { $0.isUnsaved }.isUnsaved)

        closed.store("{}")
        closed.cache.inject("TOUCH", .fail(.outage))
        #expect(try await closed.handler.withReadOnlySession(id: Fixture.id) { !$0.isNew }.value)
    }

    @Test func `no more than so many sessions are remembered`() throws {
        var times = TouchTimes()
        let start = ContinuousClock.now
        for number in 0..<TouchTimes.maximumCount {
            let id = try #require(SessionID("abcdefghijklmnopqrstuvwxyz\(number)", prefix: ""))
            #expect(times.isDue(id, at: start + .seconds(number < 10 ? 0 : 30), every: .seconds(60)) == true)
        }
        #expect(times.count == TouchTimes.maximumCount)
        let one = try #require(SessionID("zyxwvutsrqponmlkjihgfedcba", prefix: ""))
        #expect(times.isDue(one, at: start + .seconds(60), every: .seconds(60)) == true)
        #expect(times.count == TouchTimes.maximumCount - 9, "the oldest are due again anyway")
        #expect(times.isDue(one, at: start + .seconds(61), every: .seconds(60)) == false)
    }

    @Test func `no change of PHP's values is possible either`() async throws {
        let fixture = try Fixture { $0.format = .php }
        fixture.store("count|i:4;")
        let error = await sessionError {
            try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0["cart", "items", 0] = "pear" }
        }
        #expect(error?.code == .readOnly)
        _ = try await fixture.handler.withReadOnlySession(id: Fixture.id) { session in
            #expect(throws: MemcachedSession.State.readOnly) { try session.changePHPSession { $0["count"] = 5 } }
        }
        #expect(fixture.stored == "count|i:4;")
    }

    @Test func `a session that could not be touched is touched by the next request`() async throws {
        let fixture = try Fixture()
        fixture.store("{}")
        fixture.cache.inject("TOUCH", .fail(.outage))
        for _ in 0..<3 { _ = try await fixture.handler.withReadOnlySession(id: Fixture.id) { _ in } }
        #expect(fixture.cache.log.count { $0.hasPrefix("TOUCH") } == 2)
    }

    @Test func `a session that lives shorter than the interval is touched before it runs out`() async throws {
        let fixture = try Fixture { $0.lifetime = .after(.seconds(30)) }
        fixture.cache.put(Fixture.id, "{}", expiring: .after(.seconds(30)))
        for _ in 0..<6 {
            let outcome = try await fixture.handler.withReadOnlySession(id: Fixture.id) { $0.isNew }
            #expect(!outcome.value)
            fixture.time.advance(by: .seconds(10))
        }
    }
}
