import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Requests that go past the channel, against a server that takes nothing for a while.
@Suite struct DirectWriteTests {
    /// Each shorter than what goes past the channel, all together longer than what sockets take.
    private static func value(_ number: Int) -> String {
        String(repeating: "\(number),", count: 50_000 / "\(number),".count)
    }

    private func store(_ numbers: Range<Int>, _ client: MemcachedClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in numbers {
                group.addTask { try await client.set("key:\(number)", to: Self.value(number)) }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [false, true])
    func `what a socket does not take at once arrives later, in order and whole`(isLocal: Bool) async throws {
        try await withMemcached(.init(arguments: ["-m", "256"])) { server in
            var configuration = MemcachedConfiguration(server)
            configuration.limits.bytesInFlight = 256 << 20
            let client = try MemcachedClient(configuration)
            try await client.noop()
            try await server.suspend()
            async let stored: Void =
                isLocal
                ? client.withLocalExecutor { try await store(0..<400, client) } : store(0..<400, client)
            // Long enough for all of them to be handed in; shorter would test less and fail no more.
            try await Task.sleep(for: .milliseconds(300))
            try server.resume()
            try await stored
            for number in 0..<400 {
                let text = try await client.get("key:\(number)", as: String.self)
                #expect(text == Self.value(number))
            }
            let counters = client.counters
            #expect(counters.poisoned == 0)
            await client.shutdown()
        }
    }

    @Test func `callers that follow one another on many threads find their own answers`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server))
            // One in flight as a rule, and now and then two: the caller and the event loop take turns at writing.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 0..<2 {
                    group.addTask {
                        for number in 0..<3_000 {
                            let key = MemcachedKey("user:\(user):\(number % 10)")
                            try await client.set(key, to: "\(number)")
                            let text = try await client.get(key, as: String.self)
                            #expect(text == "\(number)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(client.counters.connections == 1)
            await client.shutdown()
        }
    }

    @Test func `a server that goes away between two requests is noticed by the second`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                var configuration = MemcachedConfiguration(servers: [MemcachedServer(proxy.address)])
                configuration.timeouts.operation = .seconds(30)
                let client = try MemcachedClient(configuration)
                for round in 0..<20 {
                    try await client.set("key", to: "\(round)")
                    if round.isMultiple(of: 2) { proxy.closeConnections() } else { proxy.resetConnections() }
                    // A read is sent again on another connection.
                    #expect(try await client.get("key", as: String.self) == "\(round)")
                }
                await client.shutdown()
            }
        }
    }
}
