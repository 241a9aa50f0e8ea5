import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

/// Handlers whose save path names a pool.
@Suite struct PersistentPoolTests {
    @Test func `handlers with one name share their connections`() async throws {
        try await withMemcached { server in
            let address = MemcachedServer(server.address).label
            let name = "pool_of_\(address)"
            func handler() throws -> MemcachedSessionHandler {
                var configuration = try MemcachedSessionConfiguration(savePath: "PERSISTENT=\(name) \(address)")
                configuration.client.timeouts.operation = .seconds(30)
                return try MemcachedSessionHandler(configuration)
            }
            let first = try handler()
            try await first.client.set("key", to: "value")
            let opened = try await server.connectionCounts().opened
            for _ in 0..<50 {
                let other = try handler()
                #expect(try await other.client.get("key", as: String.self) == "value")
                // What one handler ends, the others keep.
                await other.shutdown()
            }
            #expect(try await first.client.get("key", as: String.self) == "value")
            #expect(try await server.connectionCounts().opened == opened)
            #expect(MemcachedClient.namedPools.map(\.name).contains(name))
            #expect(await MemcachedClient.closeNamed(name))
        }
    }
}
