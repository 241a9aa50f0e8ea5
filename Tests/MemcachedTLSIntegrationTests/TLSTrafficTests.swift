import Logging
import Memcached
import MemcachedTestSupport
import NIOConcurrencyHelpers
import NIOCore
import Testing

/// The life of an encrypted connection: many tasks, large values, and every way in which it ends.
@Suite(.serialized) struct TLSTrafficTests {
    private func client(_ server: MemcachedProcess) throws -> MemcachedClient {
        try MemcachedClient(MemcachedConfiguration(port: server.address.port, tls: .ofTests))
    }

    /// Waits until the server counts no connection of ours.
    private func waitForNoConnections(_ server: MemcachedProcess) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if try await server.connectionCounts().current == 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try await server.connectionCounts().current == 0)
    }

    @Test(arguments: ServerVersion.allCases)
    func `many tasks share one encrypted connection, and each gets its own value`(version: ServerVersion) async throws {
        try await withMemcached(.init(.good, version: version)) { server in
            let client = try client(server)
            let wrong = try await withThrowingTaskGroup(of: Int.self, returning: Int.self) { group in
                for task in 0..<64 {
                    group.addTask {
                        var wrong = 0
                        for round in 0..<40 {
                            // From a byte to more than a record, a socket's buffer and a read hold.
                            let size = [1, 100, 16_384, 16_385, 70_000, 300_000][(task + round) % 6]
                            let value = ByteBuffer(repeating: UInt8(truncatingIfNeeded: task), count: size)
                            let key = MemcachedKey("key:\(task):\(round % 3)")
                            try await client.set(key, to: value)
                            if try await client.get(key)?.value != value { wrong += 1 }
                        }
                        return wrong
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(wrong == 0)
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `batches read while they write`() async throws {
        try await withMemcached(.init(.good)) { server in
            let client = try client(server)
            let value = String(repeating: "v", count: 20_000)
            let keys = (0..<1_000).map { MemcachedKey("batch:\($0)") }
            for key in keys.prefix(500) { try await client.set(key, to: value) }
            let found = try await client.get(keys, as: String.self)
            #expect(found.count == 500)
            #expect(found.values.allSatisfy { $0 == value })
        }
    }

    @Test func `dropping the client and shutting it down close the socket`() async throws {
        try await withMemcached(.init(.good)) { server in
            do {
                let client = try client(server)
                try await client.set("key", to: "value")
                #expect(try await server.connectionCounts().current == 1)
            }
            try await waitForNoConnections(server)
            let client = try client(server)
            try await client.set("key", to: "value")
            await client.shutdown()
            try await waitForNoConnections(server)
        }
    }

    @Test func `a server that has stopped answering does not hold up the end`() async throws {
        try await withMemcached(.init(.good)) { server in
            let client = try client(server)
            try await client.set("key", to: "value")
            try await server.suspend()
            let began = ContinuousClock.now
            await client.shutdown(within: .milliseconds(200))
            // swift-nio-ssl would wait five seconds for the server's farewell.
            #expect(ContinuousClock.now - began < .seconds(4))
            try server.resume()
        }
    }

    @Test func `a killed server is an end of the connection, and not a failure of TLS`() async throws {
        try await withMemcached(.init(.good)) { server in
            let client = try client(server)
            try await client.set("key", to: "value")
            try await server.suspend()
            async let pending = failure { () async throws(MemcachedError) in try await client.increment("n", by: 1) }
            while client.status.servers[0].requestsInFlight < 1 { try await Task.sleep(for: .milliseconds(5)) }
            // The deadline of a later request ends it on the connection's loop, which has written both of them by then:
            // the first one is on its way before the server goes.
            let later = await failure { () async throws(MemcachedError) in
                try await client.get("key", timeout: .seconds(1))
            }
            #expect(later?.code == .timeout && later?.outcome == .unknown)
            await server.kill()
            let error = try #require(await pending)
            #expect(error.code == .connectionLost, "\(error)")
            #expect(error.outcome == .unknown)
            #expect(!error.description.contains("TLS"))
            try await server.restart()
            let began = ContinuousClock.now
            while true {
                let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "new") }
                guard let error else { break }
                try #require(ContinuousClock.now - began < .seconds(30), "\(error)")
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await client.get("key", as: String.self) == "new")
        }
    }

    @Test func `a cancelled task costs its neighbours nothing`() async throws {
        try await withMemcached(.init(.good)) { server in
            let client = try client(server)
            try await client.set("key", to: "value")
            for _ in 0..<200 {
                let task = Task { _ = try? await client.get("key") }
                task.cancel()
                #expect(try await client.get("key", as: String.self) == "value")
                await task.value
            }
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `who turns verification off is told so once`() throws {
        let messages = NIOLockedValueBox<[String]>([])
        for (trust, count) in [
            (MemcachedTLS.Trust.dangerouslyTrustAnyServer, 1), (.authorities(Certificate.authority.source), 0),
        ] {
            messages.withLockedValue { $0 = [] }
            var configuration = try MemcachedConfiguration(servers: "127.0.0.1:1,127.0.0.1:2,127.0.0.1:3")
            configuration.tls = MemcachedTLS(trust: trust)
            configuration.logger = Logger(label: "test") { _ in MessageLog(messages) }
            _ = try MemcachedClient(configuration)
            #expect(messages.withLockedValue { $0.count { $0.contains("trusts any server") } } == count)
        }
    }
}

/// Keeps the messages of level `info` and above.
private struct MessageLog: LogHandler {
    private let messages: NIOLockedValueBox<[String]>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(_ messages: NIOLockedValueBox<[String]>) {
        self.messages = messages
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        messages.withLockedValue { $0.append("\(event.message)") }
    }
}
