import Memcached
import MemcachedTestSupport
import Testing

/// Names that the operating system looks up.
@Suite struct DiscoveryTests {
    private static func configuration(_ host: String, _ server: MemcachedProcess) throws -> MemcachedConfiguration {
        guard case .tcp(_, let port) = MemcachedServer(server.address).address else {
            throw NeverHappened(what: "the server has a port")
        }
        var configuration = MemcachedConfiguration(servers: [.tcp(host, port: port)])
        configuration.timeouts.operation = .seconds(20)
        configuration.discovery = MemcachedConfiguration.Discovery(family: .ipv4)
        return configuration
    }

    @Test(arguments: ["localhost", "127.0.0.1"])
    func `the servers are the addresses of the name`(host: String) async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(Self.configuration(host, server))
            // At once: the operation waits for the lookup.
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
            #expect(client.servers.map(\.label) == [MemcachedServer(server.address).label])
            #expect(client.servers.map(\.hostToVerify) == [host])
            #expect(try await client.version().count == 1)
        }
    }

    @Test func `a name without addresses is an error that says so`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(Self.configuration("no-such-host.invalid", server))
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.code == .connectionFailed)
            #expect(error?.outcome == .notSent)
            #expect(error?.detail.contains("could not be resolved") == true)
        }
    }
}
