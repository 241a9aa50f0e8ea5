import Memcached
import MemcachedTestSupport
import NIOCore
import Synchronization
import Testing

/// A thousand callers and a server that goes: it is not buried under attempts to connect.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ReconnectStormTests {
    private final class Flag: Sendable {
        let isOver = Atomic<Bool>(false)
    }

    private static let callers = 1_000

    private func configuration(_ address: TestServerAddress) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = .seconds(20)
        configuration.timeouts.connect = .seconds(20)
        return configuration
    }

    /// A thousand callers who ask again and again, while `body` runs.
    private func withCallers(_ clients: [MemcachedClient], _ body: () async throws -> Void) async throws {
        let flag = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.callers {
                let client = clients[number % clients.count]
                group.addTask {
                    while !flag.isOver.load(ordering: .relaxed) {
                        _ = try? await client.get("storm \(number)")
                        try? await Task.sleep(for: .milliseconds(50))
                    }
                }
            }
            defer { flag.isOver.store(true, ordering: .relaxed) }
            try await body()
        }
    }

    /// Accepts each connection and resets it at once, which is what a dead server behind a load balancer looks like.
    @Test func `a thousand callers of one client make few attempts on a server that accepts and closes`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                let client = try MemcachedClient(configuration(proxy.address))
                try await client.set("key", to: "value")
                try await withCallers([client]) {
                    let before = proxy.counts.connectionsAccepted
                    try await proxy.setAcceptMode(.refuse)
                    proxy.closeConnections()
                    let began = ContinuousClock.now
                    try await Task.sleep(for: .seconds(1))
                    try await eventually("it is tried") { proxy.counts.connectionsAccepted >= before + 3 }
                    let attempts = proxy.counts.connectionsAccepted - before
                    // The shortest pause is half of 50 ms; until the server is down there are three and some that were
                    // under way.
                    let bound = 8 + Int((ContinuousClock.now - began) / .milliseconds(25))
                    print("\(attempts) attempts on a server that accepts and closes; at most \(bound) allowed")
                    #expect((3...bound).contains(attempts))
                    try await proxy.setAcceptMode(.forward)
                    while proxy.counts.connectionsOpen == 0 { try await Task.sleep(for: .milliseconds(5)) }
                }
                #expect(try await client.get("key", as: String.self) == "value")
            }
        }
    }

    @Test func `a thousand callers find a server that was killed and restarted by one connection`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(configuration(server.address))
            try await client.set("key", to: "value")
            try await withCallers([client]) {
                await server.kill()
                try await Task.sleep(for: .milliseconds(500))
                try await server.restart()
                while await failure(of: { () async throws(MemcachedError) in try await client.get("key") }) != nil {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            let counts = try await server.connectionCounts()
            print("\(counts.opened) connections to the restarted server")
            #expect(counts.opened == 1)
        }
    }

    @Test func `a hundred clients share the turns to connect`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                var configuration = configuration(proxy.address)
                configuration.connectLimiter = ConnectLimiter(rate: 50, burst: 10)
                let clients = try (0..<100).map { _ in try MemcachedClient(configuration) }
                let began = ContinuousClock.now
                try await withCallers(clients) {
                    try await Task.sleep(for: .milliseconds(600))
                    try await eventually("the burst has gone") { proxy.counts.connectionsAccepted >= 10 }
                    let accepted = proxy.counts.connectionsAccepted
                    let bound = 10 + 1 + Int((ContinuousClock.now - began) / .milliseconds(20))
                    print("\(accepted) of 100 clients connected; at most \(bound) allowed")
                    #expect((10...bound).contains(accepted))
                    // Everybody gets a turn in the end, and one is enough.
                    while proxy.counts.connectionsAccepted < 100 { try await Task.sleep(for: .milliseconds(20)) }
                }
                #expect(clients.reduce(0) { $0 + $1.counters.connections } == 100)
            }
        }
    }
}
