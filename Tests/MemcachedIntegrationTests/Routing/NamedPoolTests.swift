import Memcached
import MemcachedTestSupport
import Testing

/// Named pools against a real server.
@Suite struct NamedPoolTests {
    /// PHP's persistent ids multiplied servers and connections when a pool was opened again (php-memcached).
    @Test func `ten thousand openings are one set of connections and one list of servers`() async throws {
        try await withMemcached { server in
            let name = "openings of port \(server.address)"
            let configuration = MemcachedConfiguration(server)
            let first = try MemcachedClient.named(name, configuration)
            try await first.set("key", to: "value")
            let connections = try await server.stat("total_connections")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<50 {
                    group.addTask {
                        for number in 0..<200 {
                            let client = try MemcachedClient.named(name, MemcachedConfiguration(server))
                            #expect(client.servers.count == 1)
                            // Some of them are used, which must not open more.
                            if (task + number) % 20 == 0 { #expect(try await client.get("key") != nil) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await server.stat("total_connections") == connections)
            #expect(MemcachedClient.namedPools.filter { $0.name == name }.map(\.referenceCount) == [1])
            #expect(MemcachedClient.namedPools.filter { $0.name == name }.map(\.servers) == [configuration.servers])
            withExtendedLifetime(first) {}
            await MemcachedClient.closeNamed(name)
            try await eventually("the connections are closed") { try await server.connectionCounts().current == 0 }
        }
    }

    @Test func `a pool that was closed by name is made anew`() async throws {
        try await withMemcached { server in
            let name = "closing of port \(server.address)"
            let old = try MemcachedClient.named(name, MemcachedConfiguration(server))
            try await old.set("key", to: "value")
            #expect(await MemcachedClient.closeNamed(name))
            #expect(!MemcachedClient.namedPools.map(\.name).contains(name))
            #expect(
                await failure { () async throws(MemcachedError) in try await old.get("key") }?.code == .clientShutDown
            )
            let new = try MemcachedClient.named(name, MemcachedConfiguration(server))
            #expect(try await new.get("key", as: String.self) == "value")
            await MemcachedClient.closeNamed(name)
        }
    }

    @Test func `closing answers what is in flight`() async throws {
        try await withMemcached { server in
            let name = "draining of port \(server.address)"
            let client = try MemcachedClient.named(name, MemcachedConfiguration(server))
            try await client.set("key", to: "value")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        do throws(MemcachedError) {
                            #expect(try await client.get("key", as: String.self) == "value")
                        } catch {
                            #expect(error.code == .clientShutDown && error.outcome == .notSent)
                        }
                    }
                }
                group.addTask { await MemcachedClient.closeNamed(name) }
                try await group.waitForAll()
            }
        }
    }
}
