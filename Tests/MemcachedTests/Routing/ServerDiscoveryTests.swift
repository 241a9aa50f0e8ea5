import NIOCore
import Synchronization
import Testing

@testable import Memcached

/// Clients whose servers are looked up; nothing here connects.
@Suite struct ServerDiscoveryTests {
    private static func configuration(_ resolver: ScriptedResolver) throws -> MemcachedConfiguration {
        var configuration = try MemcachedConfiguration(servers: "cache.example:11211")
        configuration.discovery = MemcachedConfiguration.Discovery(interval: .seconds(3_600))
        configuration.resolver = resolver
        return configuration
    }

    private static func labels(_ client: MemcachedClient) -> [String] { client.servers.map(\.label) }

    @Test func `the addresses of the name are the servers`() throws {
        let resolver = ScriptedResolver(["10.0.0.2", "10.0.0.1"])
        let client = try MemcachedClient(Self.configuration(resolver))
        #expect(resolver.hosts == ["cache.example"])
        #expect(Self.labels(client) == ["10.0.0.1:11211", "10.0.0.2:11211"])
        // Keys are where they are with these addresses in a list.
        let listed = try MemcachedClient(servers: "10.0.0.1:11211,10.0.0.2:11211")
        for number in 0..<200 {
            let key = MemcachedKey("key:\(number)")
            #expect(client.server(of: key).label == listed.server(of: key).label)
        }
    }

    @Test func `a later lookup replaces the servers, a failed one keeps them`() throws {
        let resolver = ScriptedResolver(["10.0.0.1"])
        let client = try MemcachedClient(Self.configuration(resolver))
        let first = try #require(client.core.topology.members.first).endpoint
        resolver.answer(.failure(ResolverError(text: "no")))
        client.core.discovery?.lookUp()
        resolver.answer(.success([]))
        client.core.discovery?.lookUp()
        #expect(Self.labels(client) == ["10.0.0.1:11211"])
        resolver.answer(.success(["10.0.0.3", "10.0.0.1"]))
        client.core.discovery?.lookUp()
        #expect(Self.labels(client) == ["10.0.0.1:11211", "10.0.0.3:11211"])
        #expect(client.core.topology.members.first?.endpoint === first)
        #expect(resolver.hosts.count == 4)
    }

    @Test func `operations wait for the first lookup`() async throws {
        let resolver = ScriptedResolver()
        let client = try MemcachedClient(Self.configuration(resolver))
        async let topology = client.core.topology(by: .now() + .seconds(60))
        resolver.answer(.success(["10.0.0.7"]))
        #expect(try await topology.members.map(\.server.label) == ["10.0.0.7:11211"])
    }

    @Test func `who asks while the first servers are being put in place waits for that`() async throws {
        let resolver = ScriptedResolver()
        let made = Mutex<ServerDiscovery?>(nil)
        let waiting = Mutex<Task<Void, any Error>?>(nil)
        let discovery = try #require(
            try ServerDiscovery(configuration: Self.configuration(resolver)) { _ in
                guard let discovery = made.withLock({ $0 }) else { return }
                waiting.withLock { $0 = Task { try await discovery.wait(until: .now() + .seconds(60)) } }
                // Long enough for it to ask.
                let end = ContinuousClock.now + .milliseconds(200)
                while ContinuousClock.now < end {}
            }
        )
        made.withLock { $0 = discovery }
        discovery.lookUp()
        resolver.answer(.success(["10.0.0.7"]))
        #expect(discovery.isResolved)
        try await #require(waiting.withLock { $0 }).value
        discovery.stop()
    }

    @Test func `an operation fails with what the first lookup failed with, and the next ones too`() async throws {
        let resolver = ScriptedResolver()
        let client = try MemcachedClient(Self.configuration(resolver))
        let waiting = Task<Void, any Error> { _ = try await client.get("key") }
        resolver.answer(.failure(ResolverError(text: "no such name")))
        let first = await #expect(throws: MemcachedError.self) { try await waiting.value }
        let second = await #expect(throws: MemcachedError.self) { try await client.set("key", to: ByteBuffer()) }
        for error in [first, second] {
            #expect(error?.code == .connectionFailed)
            #expect(error?.outcome == .notSent)
            #expect(error?.detail.contains("no such name") == true)
        }
        let batch = try await client.deleteMany(["a", "b"])
        #expect(batch.failures.count == 2)
    }

    @Test func `an operation that waits for a lookup can be cancelled and has a deadline`() async throws {
        let resolver = ScriptedResolver()
        let client = try MemcachedClient(Self.configuration(resolver))
        let task = Task<Void, any Error> { _ = try await client.get("key", timeout: .seconds(600)) }
        task.cancel()
        let cancelled = await #expect(throws: MemcachedError.self) { try await task.value }
        #expect(cancelled?.code == .cancelled)
        let late = await #expect(throws: MemcachedError.self) { try await client.get("key", timeout: .zero) }
        #expect(late?.code == .timeout)
        #expect(late?.outcome == .notSent)
    }

    @Test func `shutdown ends those who wait for a lookup`() async throws {
        let resolver = ScriptedResolver()
        let client = try MemcachedClient(Self.configuration(resolver))
        let waiting = Task<Void, any Error> { _ = try await client.get("key", timeout: .seconds(600)) }
        await client.shutdown()
        let error = await #expect(throws: MemcachedError.self) { try await waiting.value }
        #expect(error?.code == .clientShutDown)
    }

    @Test func `nothing keeps a client that is dropped while a lookup is under way`() throws {
        let resolver = ScriptedResolver()
        weak var core: ClientCore?
        do {
            let client = try MemcachedClient(Self.configuration(resolver))
            core = client.core
            withExtendedLifetime(client) { #expect(core != nil) }
        }
        #expect(core == nil)
        resolver.answer(.success(["10.0.0.1"]))
        #expect(resolver.hosts.count == 1)
    }

    @Test func `a list of one's own and discovery exclude one another`() throws {
        let client = try MemcachedClient(Self.configuration(ScriptedResolver(["10.0.0.1"])))
        let error = #expect(throws: MemcachedError.self) { try client.update(servers: "a:1") }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test(arguments: ["a:1,b:1", "/run/memcached.sock"])
    func `discovery needs one host name`(servers: String) throws {
        var configuration = try MemcachedConfiguration(servers: servers)
        configuration.discovery = MemcachedConfiguration.Discovery()
        let error = #expect(throws: MemcachedError.self) { try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("discovery") == true)
    }

    @Test func `times are checked`() throws {
        var configuration = try MemcachedConfiguration(servers: "cache.example:11211")
        configuration.discovery = MemcachedConfiguration.Discovery(interval: .zero)
        #expect(throws: MemcachedError.self) { try configuration.validate() }
        configuration.discovery = nil
        configuration.failures.flushesReturningServersAfter = .seconds(-1)
        #expect(throws: MemcachedError.self) { try configuration.validate() }
        configuration.failures.flushesReturningServersAfter = .zero
        try configuration.validate()
    }
}
