import Memcached
import MemcachedHashing
import MemcachedTestSupport
import NIOCore
import Testing

/// One of three servers is killed and comes back, under load: where its keys go with each policy.
@Suite struct FailurePolicyTests {
    private static let keys = (0..<120).map { MemcachedKey("key:\($0)") }
    private static let victim = 1
    /// What an operation may fail with while a server goes down and comes back.
    private static let expected: Set<MemcachedError.Code> = [.serverDown, .connectionFailed, .connectionLost]

    /// Where a key is to be while the victim is down; nil for nowhere.
    private static func refuge(
        of key: MemcachedKey,
        _ policy: MemcachedConfiguration.Failures.Policy,
        _ group: ServerGroup
    ) throws -> Int? {
        let servers = group.servers.map { server in
            guard case .tcp(let host, let port) = server.address else { return RingServer(host: server.label, port: 0) }
            return RingServer(host: host, port: Int(port))
        }
        let ring = try ServerRing(servers: servers)
        let home = ring.index(forKey: key.bytes)
        switch policy {
        case .keep: return home == victim ? nil : home
        case .failover: return ring.index(forKey: key.bytes) { $0 == victim }
        case .eject: return try ServerRing(servers: servers, ejected: [victim]).index(forKey: key.bytes)
        }
    }

    @Test(arguments: MemcachedConfiguration.Failures.Policy.allCases)
    func `a server goes down and comes back`(policy: MemcachedConfiguration.Failures.Policy) async throws {
        try await withMemcacheds(3) { group in
            var configuration = group.configuration()
            configuration.failures.policy = policy
            let client = try MemcachedClient(configuration)
            let lost = Self.keys.filter { group.index(of: client.server(of: $0)) == Self.victim }
            #expect(!lost.isEmpty && lost.count < Self.keys.count)

            let result = try await Load.run(on: client, keys: Self.keys) { load in
                try await eventually("the load runs") { load.present.reads > 1_000 }
                await group.processes[Self.victim].kill()
                let key = try #require(lost.first)
                try await eventually("the server is found down") {
                    client.placement(of: key).presentServer != group.servers[Self.victim]
                }
                let before = load.present.reads
                try await eventually("the load goes on") { load.present.reads > before + 1_000 }
                for key in Self.keys {
                    let refuge = try Self.refuge(of: key, policy, group)
                    #expect(group.index(of: client.placement(of: key).presentServer) == refuge)
                }
                if policy == .keep {
                    let error = await failure { () async throws(MemcachedError) in try await client.get(key) }
                    #expect(error.map { Self.expected.contains($0.code) } ?? true)
                }
                try await group.processes[Self.victim].restart()
                try await eventually("the server is back") {
                    client.placement(of: key).presentServer == group.servers[Self.victim]
                }
                let after = load.present.writes
                try await eventually("the load goes on") { load.present.writes > after + 1_000 }
            }
            print(
                "\(policy): \(result.reads) reads, \(result.writes) writes, \(result.readErrors.count) and "
                    + "\(result.writeErrors.count) errors"
            )
            #expect(result.wrongValues == 0)
            for error in result.readErrors + result.writeErrors { #expect(Self.expected.contains(error.code)) }

            // All is as it was: every key at home, and what the others were lent is all that they have too much.
            for key in Self.keys {
                try await client.set(key, to: "again")
                let home = try #require(group.index(of: client.server(of: key)))
                #expect(try await group.holds(home, key))
            }
            for (index, process) in group.processes.enumerated() where index != Self.victim {
                let lent = try Self.keys.filter { try Self.refuge(of: $0, policy, group) == index }
                let own = Self.keys.filter { group.index(of: client.server(of: $0)) == index }
                #expect(try await process.stat("curr_items") <= Set(lent + own).count)
            }
            #expect(try await group.processes[Self.victim].stat("curr_items") == lost.count)
        }
    }

    @Test(arguments: [MemcachedConfiguration.Failures.Policy.eject, .failover])
    func `a batch goes round a server that is down`(policy: MemcachedConfiguration.Failures.Policy) async throws {
        try await withMemcacheds(3) { group in
            var configuration = group.configuration()
            configuration.failures.policy = policy
            configuration.health.failureThreshold = 1
            // Left alone for the length of the test.
            configuration.backoff.initial = .seconds(600)
            configuration.backoff.maximum = .seconds(600)
            let client = try MemcachedClient(configuration)
            await group.processes[Self.victim].kill()
            // The batch itself finds the server down, and what it could not take goes elsewhere at once.
            let values = Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, "value of \($0.byteCount)") })
            let batch = try await client.setMany(values)
            #expect(batch.failures.isEmpty)
            let items = try await client.get(Self.keys)
            #expect(items.count == Self.keys.count)
            var streamed = 0
            for try await _ in try client.items(for: Self.keys) { streamed += 1 }
            #expect(streamed == Self.keys.count)
            for key in Self.keys {
                let refuge = try #require(try Self.refuge(of: key, policy, group))
                #expect(refuge != Self.victim)
            }
        }
    }

    @Test func `a server that comes back after a long time is emptied before it is used, if it is to be`() async throws
    {
        try await withMemcacheds(2) { group in
            var configuration = group.configuration()
            configuration.failures.policy = .failover
            configuration.failures.flushesReturningServersAfter = .zero
            configuration.timeouts.operation = .seconds(2)
            configuration.health.failureThreshold = 1
            let client = try MemcachedClient(configuration)
            let key = try #require(Self.keys.first { group.index(of: client.server(of: $0)) == Self.victim })
            try await client.set(key, to: "old", timeout: .seconds(30))
            try await group.processes[Self.victim].suspend()
            try await eventually("the value is written elsewhere") {
                await failure { () async throws(MemcachedError) in try await client.set(key, to: "new") } == nil
            }
            try await eventually("it is read there") { (try? await client.get(key, as: String.self)) == "new" }
            try group.processes[Self.victim].resume()
            try await eventually("the server is back") {
                // Whatever is read meanwhile, it is not what was there before.
                if let item = try? await client.get(key) { #expect(item.value != ByteBuffer(string: "old")) }
                return client.placement(of: key).presentServer == group.servers[Self.victim]
            }
            #expect(try await client.get(key, as: String.self, timeout: .seconds(30)) != "old")
        }
    }

    @Test func `one of several doors to the same cache is never emptied`() async throws {
        try await withMemcacheds(1) { group in
            var configuration = group.configuration()
            configuration.placement = .equivalent
            configuration.failures.flushesReturningServersAfter = .zero
            configuration.timeouts.operation = .seconds(1)
            configuration.health.failureThreshold = 1
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "kept", timeout: .seconds(30))
            try await group.processes[0].suspend()
            try await eventually("the server is found down") {
                await failure { () async throws(MemcachedError) in try await client.get("key") }?.code == .serverDown
            }
            try group.processes[0].resume()
            try await eventually("the server is back") { (try? await client.get("key", as: String.self)) == "kept" }
            #expect(try await group.processes[0].stat("cmd_flush") == 0)
        }
    }

    @Test func `without that it still has what it had`() async throws {
        try await withMemcacheds(2) { group in
            var configuration = group.configuration()
            configuration.failures.policy = .failover
            configuration.timeouts.operation = .seconds(2)
            configuration.health.failureThreshold = 1
            let client = try MemcachedClient(configuration)
            let key = try #require(Self.keys.first { group.index(of: client.server(of: $0)) == Self.victim })
            try await client.set(key, to: "old", timeout: .seconds(30))
            try await group.processes[Self.victim].suspend()
            try await eventually("the server is found down") {
                _ = try? await client.get(key)
                return client.placement(of: key).presentServer != group.servers[Self.victim]
            }
            try group.processes[Self.victim].resume()
            try await eventually("the server is back") {
                _ = try? await client.get(key)
                return client.placement(of: key).presentServer == group.servers[Self.victim]
            }
            #expect(try await client.get(key, as: String.self, timeout: .seconds(30)) == "old")
        }
    }
}
