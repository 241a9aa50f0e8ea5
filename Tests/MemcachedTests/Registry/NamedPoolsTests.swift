import Logging
import Testing

@testable import Memcached

/// The registry of named pools; nothing here connects.
@Suite struct NamedPoolsTests {
    let pools = NamedPools()

    private func configuration(_ servers: String = "a:1,b:1") throws -> MemcachedConfiguration {
        var configuration = try MemcachedConfiguration(servers: servers)
        configuration.credentials = MemcachedCredentials(username: "someone", password: "s3cret")
        return configuration
    }

    @Test func `one name is one set of connections`() throws {
        let first = try pools.open("sessions", configuration())
        let second = try pools.open("sessions", configuration())
        let other = try pools.open("fragments", configuration())
        #expect(first.core === second.core)
        #expect(first.loads === second.loads)
        #expect(first.core !== other.core)
        #expect(first.servers.count == 2)
    }

    @Test func `another configuration is refused with the names of what differs and without their values`() throws {
        _ = try pools.open("sessions", configuration())
        var other = try configuration("c:1")
        other.timeouts.operation = .seconds(7)
        other.credentials = MemcachedCredentials(username: "someone", password: "an0ther")
        let error = #expect(throws: MemcachedError.self) { try pools.open("sessions", other) }
        let text = "\(try #require(error))"
        #expect(error?.code == .invalidConfiguration)
        for name in ["\"sessions\"", "servers", "timeouts.operation", "credentials"] { #expect(text.contains(name)) }
        for value in ["c:1", "7", "someone", "s3cret", "an0ther"] { #expect(!text.contains(value)) }
    }

    @Test func `clients are counted, and the pool stays when they have gone`() throws {
        var first: MemcachedClient? = try pools.open("sessions", configuration())
        var second: MemcachedClient? = try pools.open("sessions", configuration())
        #expect(pools.list.map(\.referenceCount) == [2])
        weak let core = first?.core
        withExtendedLifetime((first, second)) {}
        first = nil
        #expect(pools.list.map(\.referenceCount) == [1])
        second = nil
        #expect(second == nil)
        #expect(pools.list.map(\.referenceCount) == [0])
        #expect(core != nil)
        #expect(try pools.open("sessions", configuration()).core === core)
    }

    @Test func `pools are listed by name`() throws {
        for name in ["b", "c", "a"] { _ = try pools.open(name, configuration("\(name):1")) }
        #expect(pools.list.map(\.name) == ["a", "b", "c"])
        #expect(pools.list.map { $0.servers.map(\.label) } == [["a:1"], ["b:1"], ["c:1"]])
    }

    @Test func `a pool that was closed refuses its clients, and its name is free`() async throws {
        let old = try pools.open("sessions", configuration())
        #expect(await pools.close("sessions", within: .seconds(1)))
        #expect(await !pools.close("sessions", within: .seconds(1)))
        #expect(pools.list.isEmpty)
        let error = await #expect(throws: MemcachedError.self) { try await old.get("key") }
        #expect(error?.code == .clientShutDown)
        let new = try pools.open("sessions", configuration("c:1"))
        #expect(new.core !== old.core)
        #expect(new.servers.map(\.label) == ["c:1"])
    }

    @Test func `shutdown of a client leaves the pool to the others`() async throws {
        let client = try pools.open("sessions", configuration())
        await client.shutdown()
        try client.update(servers: "d:1")
        #expect(try pools.open("sessions", configuration()).servers.map(\.label) == ["d:1"])
    }

    @Test func `a configuration that makes no sense makes no pool`() throws {
        #expect(throws: MemcachedError.self) { try pools.open("sessions", MemcachedConfiguration(servers: [])) }
        #expect(pools.list.isEmpty)
    }

    @Test func `a name is not empty`() throws {
        let error = #expect(throws: MemcachedError.self) { try pools.open("", configuration()) }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test func `the name is in the log`() throws {
        var configuration = try configuration()
        configuration.logger = Logger(label: "test", factory: { StreamLogHandler.standardError(label: $0) })
        let client = try pools.open("sessions", configuration)
        #expect(client.core.configuration.logger[metadataKey: "pool"] == "sessions")
        #expect(client.core.configuration.poolName == "sessions")
    }

    @Test func `openings at the same time find one pool`() async throws {
        let configuration = try configuration()
        let cores = await withTaskGroup(of: ObjectIdentifier?.self) { group in
            for _ in 0..<200 {
                group.addTask { (try? pools.open("sessions", configuration)).map { ObjectIdentifier($0.core) } }
            }
            return await group.reduce(into: Set<ObjectIdentifier?>()) { $0.insert($1) }
        }
        #expect(cores.count == 1)
        #expect(!cores.contains(nil))
        #expect(pools.list.map(\.referenceCount) == [0])
    }
}
