import Memcached
import MemcachedTestSupport
import Synchronization
import Testing

/// Names that the operating system looks up, and one whose addresses change.
@Suite struct DiscoveryTests {
    /// Answers each lookup with the next of several results, over and over.
    private final class TurningResolver: AddressResolver {
        private let results: [Result<[String], any Error>]
        private let count = Atomic<Int>(0)

        init(_ results: [Result<[String], any Error>]) { self.results = results }

        var lookups: Int { count.load(ordering: .relaxed) }

        func addresses(of host: String, completion: @escaping @Sendable (Result<[String], any Error>) -> Void) {
            completion(results[count.wrappingAdd(1, ordering: .relaxed).oldValue % results.count])
        }
    }

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

    /// One memcached listens on all of the addresses, so that what is read is what was written, wherever it was.
    @Test func `addresses come and go, lookups fail, and no operation does`() async throws {
        try await withMemcached(.init(arguments: ["-l", "127.0.0.2,127.0.0.3,127.0.0.4"])) { server in
            var configuration = try Self.configuration("cache.example", server)
            configuration.discovery?.interval = .milliseconds(20)
            let resolver = TurningResolver([
                .success(["127.0.0.1", "127.0.0.2"]), .success(["127.0.0.4", "127.0.0.2", "127.0.0.1"]),
                .failure(ResolverError(text: "try again")), .success([]), .success(["127.0.0.3"]),
                .success(["127.0.0.3", "127.0.0.4", "::1", "no address"]),
            ])
            configuration.resolver = resolver
            configuration.timeouts.operation = .seconds(60)
            configuration.timeouts.connect = .seconds(30)
            let client = try MemcachedClient(configuration)
            let keys = (0..<200).map { MemcachedKey("key:\($0)") }
            let result = try await Load.run(on: client, keys: keys) { load in
                try await eventually("all of them have been the servers several times") {
                    resolver.lookups > 30 && load.present.reads > 2_000
                }
            }
            print("\(result.reads) reads and \(result.writes) writes over \(resolver.lookups) lookups")
            #expect(result.readErrors.isEmpty)
            #expect(result.writeErrors.isEmpty)
            #expect(result.wrongValues == 0)
            #expect(client.servers.allSatisfy { $0.hostToVerify == "cache.example" })
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
