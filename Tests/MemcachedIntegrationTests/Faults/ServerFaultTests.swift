import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// What happens to servers in real life, under the load of 64 tasks: nobody hangs, nobody gets a wrong value.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ServerFaultTests {
    /// A client that gives up soon.
    private func client(
        _ address: TestServerAddress,
        connections: Int = 1,
        timeout: Duration = .seconds(1)
    ) throws -> MemcachedClient {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = timeout
        configuration.timeouts.connect = timeout
        configuration.backoff.maximum = .milliseconds(200)
        configuration.pool.connections = connections
        configuration.connectLimiter = ConnectLimiter(rate: 1_000, burst: 1_000)
        return try MemcachedClient(configuration)
    }

    private func report(_ what: String, _ tally: FaultLoad.Tally, _ recovery: (first: Duration, all: Duration)?) {
        let failures = tally.failures.map { "\($0.key) \($0.value)" }.sorted().joined(separator: ", ")
        let times = recovery.map { "first answer after \($0.first), all after \($0.all)" } ?? "NOT RECOVERED"
        print("\(what): \(tally.answered) answered; \(failures); longest \(tally.longest); \(times)")
    }

    @Test(arguments: [1, 3])
    func `a server that is killed and comes back on its port is used again`(connections: Int) async throws {
        try await withMemcached { server in
            let client = try client(server.address, connections: connections)
            var recovery: (first: Duration, all: Duration)?
            let tally = try await FaultLoad.run(client, forgets: true) { load in
                _ = try #require(try await load.recovery())
                await server.kill()
                try await load.failure(.serverDown)
                try await server.restart()
                recovery = try await load.recovery()
            }
            report("kill -9 and restart, \(connections) connections", tally, recovery)
            #expect(recovery != nil)
            #expect(tally.failures[.serverDown, default: 0] > 0)
        }
    }

    @Test func `a server that stops for a while and goes on`() async throws {
        try await withMemcached { server in
            let client = try client(server.address)
            var recovery: (first: Duration, all: Duration)?
            let tally = try await FaultLoad.run(client) { load in
                _ = try #require(try await load.recovery())
                try await server.suspend()
                try await Task.sleep(for: .milliseconds(2_500))
                try await load.failure(.serverDown)
                try server.resume()
                recovery = try await load.recovery()
            }
            report("SIGSTOP, SIGCONT", tally, recovery)
            #expect(recovery != nil)
            #expect(tally.failures[.timeout, default: 0] > 0)
            #expect(tally.failures[.serverDown, default: 0] > 0)
        }
    }

    @Test func `a server that takes no more connections`() async throws {
        try await withMemcached(.init(arguments: ["-c", "16", "-t", "1"])) { server in
            let client = try client(server.address)
            // The launcher has a connection of its own; these take the rest.
            var others: [RawConnection] = []
            for _ in 0..<20 { others.append(try await RawConnection.connect(to: server.address)) }
            var recovery: (first: Duration, all: Duration)?
            let tally = try await FaultLoad.run(client) { load in
                try await load.failure()
                for other in others { await other.close() }
                recovery = try await load.recovery()
            }
            report("-c reached, then room", tally, recovery)
            #expect(recovery != nil)
            #expect(!tally.failures.isEmpty)
        }
    }

    @Test func `a port that swallows attempts to connect`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let client = try client(proxy.address)
                var recovery: (first: Duration, all: Duration)?
                let tally = try await FaultLoad.run(client) { load in
                    _ = try #require(try await load.recovery())
                    try await proxy.setAcceptMode(.hang)
                    proxy.closeConnections()
                    try await Task.sleep(for: .milliseconds(2_500))
                    try await load.failure(.serverDown)
                    try await proxy.setAcceptMode(.forward)
                    recovery = try await load.recovery()
                }
                report("black hole", tally, recovery)
                #expect(recovery != nil)
                #expect(tally.failures[.serverDown, default: 0] > 0)
            }
        }
    }

    /// The other side of the connection has gone without a word; a new one would be answered.
    @Test func `a connection that is half open is replaced`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let client = try client(proxy.address, timeout: .seconds(3))
                var recovery: (first: Duration, all: Duration)?
                let tally = try await FaultLoad.run(client, timeout: .seconds(3)) { load in
                    _ = try #require(try await load.recovery())
                    proxy.inject(.dropRest)
                    try await eventually("another connection is made") { proxy.counts.connectionsAccepted >= 2 }
                    recovery = try await load.recovery()
                }
                report("half-open connection", tally, recovery)
                #expect(recovery != nil)
                #expect(tally.failures[.timeout, default: 0] > 0)
                #expect(proxy.counts.connectionsAccepted == 2)
            }
        }
    }

    @Test func `a server without memory refuses what is new and answers the rest`() async throws {
        try await withMemcached(.init(arguments: ["-M", "-m", "8"])) { server in
            let client = try client(server.address, timeout: .seconds(10))
            // Most of the memory, so that little is left for 64 tasks.
            let filler = ByteBuffer(repeating: 7, count: 100_000)
            for number in 0..<200 { _ = try? await client.set("filler \(number)", to: filler) }
            let tally = try await FaultLoad.run(client, timeout: .seconds(10), valueLength: 60_000) { load in
                try await load.failure(.outOfMemory)
                try await Task.sleep(for: .milliseconds(500))
            }
            report("-M and full", tally, (.zero, .zero))
            #expect(tally.failures[.outOfMemory, default: 0] > 0)
            #expect(tally.failures.count == 1)
            #expect(client.counters.connections == 1)
        }
    }
}
