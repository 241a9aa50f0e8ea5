import Memcached
import MemcachedTestObservers
import MemcachedTestSupport
import Testing
import Tracing

@Suite(.timeLimit(.minutes(2))) struct SpanTests {
    private enum RequestNumber: ServiceContextKey {
        typealias Value = Int
    }

    private static func client(_ address: TestServerAddress, _ spans: RecordedSpans) throws -> MemcachedClient {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = .seconds(20)
        configuration.timeouts.connect = .seconds(20)
        configuration.observability.tracing = .tracer(spans)
        return try MemcachedClient(configuration)
    }

    @Test func `an operation is a client span of the caller's, named by command and server`() async throws {
        try await withMemcached { server in
            let spans = RecordedSpans()
            let client = try Self.client(server.address, spans)
            var context = ServiceContext.topLevel
            context[RequestNumber.self] = 7
            _ = try await ServiceContext.withValue(context) {
                try await client.set("key", to: "value")
            }
            _ = try await client.get(["key", "other"], as: String.self)
            let (set, get) = (try #require(spans.all.first), try #require(spans.all.last))
            #expect(spans.all.count == 2)
            #expect(set.operationName == "set \(server.address)")
            #expect(set.kind == .client && set.context[RequestNumber.self] == 7)
            #expect(set["db.system.name"] == "memcached" && set["db.operation.name"] == "set")
            #expect(get["db.operation.name"] == "BATCH get" && get["db.operation.batch.size"] == "2")
            #expect(spans.all.allSatisfy { $0.ends == 1 && $0.status == nil })
        }
    }

    @Test func `a key stands there as a hash only, the same for the same key`() async throws {
        try await withMemcached { server in
            let spans = RecordedSpans()
            let client = try Self.client(server.address, spans)
            for key in ["plantedkey", "plantedkey", "another"] { try await client.set(MemcachedKey(key), to: "value") }
            let hashes = spans.all.compactMap { $0["memcached.key.hash"] }
            #expect(hashes.count == 3 && hashes[0] == hashes[1] && hashes[0] != hashes[2])
            #expect(hashes.allSatisfy { $0.count == 16 })
            #expect(!spans.all.contains { $0.description.contains("plantedkey") || $0.description.contains("value") })
        }
    }

    @Test func `a failure, a timeout and a cancelled call end their spans as errors, a miss does not`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let spans = RecordedSpans()
                let client = try Self.client(proxy.address, spans)
                #expect(try await client.get("none", as: String.self) == nil)
                #expect(spans.all.last?.status == nil)
                #expect(spans.all.last?["db.response.status_code"] == "1")
                proxy.pauseResponses()
                _ = await failure { () async throws(MemcachedError) in
                    try await client.get("key", timeout: .seconds(1))
                }
                #expect(spans.all.last?["error.type"] == "timeout" && spans.all.last?.status?.code == .error)
                let task = Task { try await client.get("key", as: String.self) }
                while spans.all.count < 3 { await Task.yield() }
                task.cancel()
                _ = await task.result
                #expect(spans.all.last?["error.type"] == "cancelled")
                proxy.resumeResponses()
                #expect(spans.all.allSatisfy { $0.ends == 1 })
            }
        }
    }
}
