import Memcached
import MemcachedTestObservers
import MemcachedTestSupport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(2))) struct MetricsTests {
    private static let duration = "db.client.operation.duration"

    private static func client(
        _ address: TestServerAddress,
        _ metrics: RecordedMetrics,
        _ configure: (inout MemcachedConfiguration) -> Void = { _ in }
    ) throws -> MemcachedClient {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = .seconds(20)
        configuration.timeouts.connect = .seconds(20)
        configuration.observability.metrics = .factory(metrics)
        configure(&configuration)
        return try MemcachedClient(configuration)
    }

    @Test func `each operation is timed by name and server`() async throws {
        try await withMemcached { server in
            let metrics = RecordedMetrics()
            let client = try Self.client(server.address, metrics)
            try await client.set("key", to: "value")
            for _ in 0..<3 { _ = try await client.get("key", as: String.self) }
            _ = try await client.delete("other")
            guard case .tcp(let host, let port) = server.address else { throw MemcachedError(.invalidArgument, "TCP") }
            let place = ["db.system.name": "memcached", "server.address": host, "server.port": "\(port)"]
            for (operation, count) in [("set", 1), ("get", 3), ("delete", 1)] {
                let named = place.merging(["db.operation.name": operation]) { $1 }
                let times = metrics.values(Self.duration, named)
                #expect(times.count == count, "\(operation)")
                #expect(times.allSatisfy { $0 > 0 && $0 < 20 })
            }
            #expect(metrics.all.keys.allSatisfy { $0.dimensions["error.type"] == nil })
        }
    }

    @Test func `hits and misses are counted by key, also in batches`() async throws {
        try await withMemcached { server in
            let metrics = RecordedMetrics()
            let client = try Self.client(server.address, metrics)
            try await client.set("a", to: "1")
            try await client.set("b", to: "2")
            _ = try await client.get("a", as: String.self)
            _ = try await client.get("none", as: String.self)
            _ = try await client.get(["a", "b", "c", "d", "e"], as: String.self)
            #expect(metrics.total("memcached.client.hits") == 3)
            #expect(metrics.total("memcached.client.misses") == 4)
            #expect(metrics.values(Self.duration, ["db.operation.name": "BATCH get"]).count == 1)
        }
    }

    @Test func `errors are told by type, and a full server's answer too`() async throws {
        let metrics = RecordedMetrics()
        let server = try await MemcachedProcess.start()
        let client = try Self.client(server.address, metrics) {
            $0.health.failureThreshold = 1
            // Left alone for the length of the test.
            $0.backoff.initial = .seconds(600)
            $0.backoff.maximum = .seconds(600)
        }
        let large = String(repeating: "x", count: 2_000_000)
        _ = await failure { () async throws(MemcachedError) in try await client.set("key", to: large) }
        #expect(metrics.values(Self.duration, ["db.operation.name": "set", "error.type": "too large"]).count == 1)
        await server.stop()
        // The first may meet the connection's end and be tried again; then the server is down.
        for _ in 0..<3 {
            _ = await failure { () async throws(MemcachedError) in try await client.get("key") }
        }
        #expect(metrics.values(Self.duration, ["db.operation.name": "get", "error.type": "serverDown"]).count >= 1)
        #expect(metrics.total("memcached.client.failed_connections") >= 1)
        #expect(metrics.total("memcached.client.misses") == 0)
    }

    @Test func `connections come and go under the pool's name`() async throws {
        try await withMemcached { server in
            let metrics = RecordedMetrics()
            let pool = ["db.client.connection.pool.name": "metrics_test"]
            var configuration = MemcachedConfiguration(server)
            configuration.observability.metrics = .factory(metrics)
            configuration.pool.connections = 3
            configuration.pool.connectionsPerLoop = 0
            let client = try MemcachedClient.named("metrics_test", configuration)
            #expect(await client.warmUp().isEmpty)
            #expect(metrics.total("db.client.connection.count", pool) == 3)
            #expect(metrics.total("db.client.connection.max", pool) == 3)
            #expect(metrics.total("memcached.client.connections", pool) == 3)
            #expect(metrics.values("db.client.connection.create_time", pool).count == 3)
            await MemcachedClient.closeNamed("metrics_test")
            for _ in 0..<6_000 where metrics.total("db.client.connection.count", pool) != 0 {
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(metrics.total("db.client.connection.count", pool) == 0)
        }
    }

    @Test func `timeouts, tombstones, late responses and poisoned connections are counted`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let metrics = RecordedMetrics()
                let client = try Self.client(proxy.address, metrics)
                try await client.set("key", to: "value")
                proxy.pauseResponses()
                for _ in 0..<2 {
                    let error = await failure { () async throws(MemcachedError) in
                        try await client.get("key", timeout: .seconds(1))
                    }
                    #expect(error?.code == .timeout)
                }
                #expect(metrics.total("memcached.client.timeouts") == 2)
                #expect(metrics.total("memcached.client.tombstones") == 2)
                proxy.resumeResponses()
                _ = try await client.get("key", as: String.self)
                proxy.inject(.wrongOpaque)
                let error = await failure { () async throws(MemcachedError) in try await client.increment("n", by: 1) }
                #expect(error?.code == .protocolViolation)
                for _ in 0..<6_000 where metrics.total("memcached.client.poisoned_connections") != 1 {
                    try await Task.sleep(for: .milliseconds(5))
                }
                #expect(metrics.total("memcached.client.poisoned_connections") == 1)
                #expect(metrics.total("memcached.client.late_responses") == 2)
            }
        }
    }

    @Test func `nothing is recorded unless it is asked for`() async throws {
        try await withMemcached { server in
            let metrics = RecordedMetrics()
            let spans = RecordedSpans()
            let client = try Self.client(server.address, metrics) { $0.observability = .init() }
            try await client.set("key", to: "value")
            #expect(metrics.all.isEmpty && spans.all.isEmpty)
            // In a process without a backend, what was bootstrapped is nobody.
            var nobody = MemcachedConfiguration.Observability()
            nobody.metrics = .bootstrapped
            nobody.tracing = .bootstrapped
            #expect(nobody.metrics.factory == nil && nobody.tracing.tracer == nil)
        }
    }
}
