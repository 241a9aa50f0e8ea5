import Memcached
import Synchronization
import Testing

@testable import MemcachedSessions

@Suite struct EventTests {
    final class Events: Sendable {
        private let state = Mutex<[MemcachedSessionEvent]>([])
        var all: [MemcachedSessionEvent] { state.withLock { $0 } }
        func note(_ event: MemcachedSessionEvent) { state.withLock { $0.append(event) } }
    }

    @Test func `a session that should be there and is not is an event, an id that was just made is none`() async throws
    {
        let events = Events()
        let fixture = try Fixture { $0.onEvent = { events.note($0) } }
        _ = try await fixture.handler.withSession(id: Fixture.id, route: "/cart") { _ in }
        #expect(events.all.first == MemcachedSessionEvent(.missing, route: "/cart"))
        _ = try await fixture.handler.withReadOnlySession(id: Fixture.id, route: "/") { _ in }
        #expect(events.all.last == MemcachedSessionEvent(.missing, route: "/"))
        let count = events.all.count { $0.kind == .missing }
        _ = try await fixture.handler.withSession(id: nil) { $0["a"] = 1 }
        let session = fixture.handler.open()
        _ = try await session.read(try session.createSID())
        await session.close()
        #expect(events.all.count { $0.kind == .missing } == count)
    }

    @Test func `an outage is no missing session`() async throws {
        let events = Events()
        let fixture = try Fixture { $0.onEvent = { events.note($0) } }
        fixture.cache.inject("", .fail(.outage), times: 10)
        _ = await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }
        #expect(events.all.isEmpty)
    }

    @Test func `each hold is told, and a long one logged once for each route`() async throws {
        let events = Events()
        let recorder = LogRecorder()
        let fixture = try Fixture {
            $0.onEvent = { events.note($0) }
            $0.client.logger = recorder.logger
        }
        fixture.store("{}")
        for route in ["/slow", "/slow", "/other"] {
            _ = try await fixture.handler.withSession(id: Fixture.id, route: route) { _ in
                fixture.time.advance(by: .milliseconds(600))
            }
        }
        _ = try await fixture.handler.withSession(id: Fixture.id, route: "/quick") { _ in
            fixture.time.advance(by: .milliseconds(500))
        }
        #expect(events.all.map(\.duration) == [600, 600, 600, 500].map { .milliseconds($0) })
        #expect(events.all.allSatisfy { $0.kind == .held })
        let logged = recorder.lines.filter { $0.hasPrefix("info") && $0.contains("500 ms") }
        #expect(logged.count == 2)
        #expect(logged.first?.contains("route=/slow") == true)
        #expect(logged.last?.contains("route=/other") == true)
        #expect(!recorder.lines.contains { $0.contains(Fixture.id) })
    }

    @Test func `a lost lock, a logout without the lock and a revived session are told`() async throws {
        let events = Events()
        let fixture = try Fixture {
            $0.onEvent = { events.note($0) }
            $0.locking.retries = 0
        }
        fixture.store("{}")
        _ = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.cache.put(Fixture.lockKey, "another")
                session["a"] = 1
            }
        }
        #expect(events.all.contains { $0.kind == .lockLost })
        try await fixture.handler.destroySession(id: Fixture.id)
        #expect(events.all.last?.kind == .destroyedWithoutLock)
        fixture.store("{}")
        fixture.cache.remove(Fixture.lockKey)
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(events.all.contains { $0.kind == .revived })
    }

    @Test func `beyond a thousand routes, further ones are logged once as one`() async throws {
        let recorder = LogRecorder()
        let fixture = try Fixture { $0.client.logger = recorder.logger }
        fixture.store("{}")
        for number in 0..<1_002 {
            _ = try await fixture.handler.withSession(id: Fixture.id, route: "/\(number)") { _ in
                fixture.time.advance(by: .milliseconds(600))
            }
        }
        let logged = recorder.lines.filter { $0.hasPrefix("info") && $0.contains("500 ms") }
        #expect(logged.count == 1_001)
        #expect(logged.last?.contains("route=/1000") == true)
    }
}
