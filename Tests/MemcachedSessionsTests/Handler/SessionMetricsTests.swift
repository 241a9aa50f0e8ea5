import Memcached
import MemcachedTestObservers
import Testing

@testable import MemcachedSessions

@Suite struct SessionMetricsTests {
    private static func fixture(
        _ metrics: RecordedMetrics,
        _ configure: (inout MemcachedSessionConfiguration) -> Void = { _ in }
    ) throws -> Fixture {
        try Fixture {
            $0.client.observability.metrics = .factory(metrics)
            configure(&$0)
        }
    }

    @Test func `how long a lock was waited for and held is recorded in seconds`() async throws {
        let metrics = RecordedMetrics()
        let fixture = try Self.fixture(metrics)
        fixture.store("{}")
        for _ in 0..<2 {
            _ = try await fixture.handler.withSession(id: Fixture.id) { _ in
                fixture.time.advance(by: .milliseconds(600))
            }
        }
        #expect(metrics.values("memcached.session.lock.hold_time") == [0.6, 0.6])
        #expect(metrics.values("memcached.session.lock.wait_time") == [0, 0])
    }

    @Test func `a lock that could not be had is a wait with the error's type`() async throws {
        let metrics = RecordedMetrics()
        let fixture = try Self.fixture(metrics) { $0.locking.retries = 0 }
        fixture.store("{}")
        fixture.cache.put(Fixture.lockKey, "another")
        #expect(await sessionError { try await fixture.handler.withSession(id: Fixture.id) { _ in } }?.code == .locked)
        #expect(metrics.values("memcached.session.lock.wait_time", ["error.type": "locked"]).count == 1)
        #expect(metrics.values("memcached.session.lock.hold_time").isEmpty)
    }

    @Test func `sessions that are missing, or gone while they were in use, and lost locks are counted`() async throws {
        let metrics = RecordedMetrics()
        let fixture = try Self.fixture(metrics)
        _ = try await fixture.handler.withSession(id: Fixture.id) { _ in }
        #expect(metrics.total("memcached.session.missing") == 1)
        fixture.store("{}")
        let lost = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.cache.remove(Fixture.id)
                session["a"] = 1
            }
        }
        #expect(lost?.code == .lost)
        #expect(metrics.total("memcached.session.lost") == 1)
        fixture.store("{}")
        _ = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id) { session in
                fixture.cache.put(Fixture.lockKey, "another")
                session["a"] = 1
            }
        }
        #expect(metrics.total("memcached.session.lock.lost") == 1)
        #expect(!metrics.all.keys.contains { $0.description.contains(Fixture.id) })
    }
}
