import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Several connections to one server, and how they come and go.
@Suite(.timeLimit(.minutes(5))) struct PoolTests {
    private func configuration(_ address: TestServerAddress, connections: Int = 1) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(address)])
        configuration.timeouts.operation = .seconds(60)
        configuration.timeouts.connect = .seconds(30)
        configuration.pool.connections = connections
        return configuration
    }

    private func comesTrue(_ condition: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test func `one caller uses one connection, many use as many as there may be`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(configuration(server.address, connections: 3))
            for number in 0..<50 { try await client.set("key \(number)", to: "value \(number)") }
            #expect(client.counters.connections == 1)
            let isRight = try await comesTrue {
                await withTaskGroup(of: Bool.self) { group in
                    for number in 0..<1_000 {
                        group.addTask {
                            let key = MemcachedKey("key \(number % 50)")
                            return (try? await client.get(key, as: String.self)) == "value \(number % 50)"
                        }
                    }
                    #expect(await group.allSatisfy { $0 })
                }
                return client.counters.connections == 3
            }
            #expect(isRight)
            #expect(try await server.connectionCounts().opened == 3)
        }
    }

    @Test func `warming up makes all connections before anybody needs them`() async throws {
        try await withMemcached(.init(sasl: .init(user: "user", password: "secret"))) { server in
            var configuration = configuration(server.address, connections: 4)
            configuration.credentials = MemcachedCredentials(username: "user", password: "secret")
            let client = try MemcachedClient(configuration)
            #expect(await client.warmUp().isEmpty)
            let counts = try await server.connectionCounts()
            #expect(counts.opened == 4 && counts.authentications == 4)
            try await client.set("key", to: "value")
            #expect(client.counters.connections == 4)
        }
    }

    @Test func `warming up tells of each server that is not ready, and why`() async throws {
        try await withMemcached { good in
            try await withMemcached(.init(sasl: .init(user: "user", password: "secret"))) { closed in
                let gone = try await MemcachedProcess.start()
                await gone.stop()
                let servers = [good.address, closed.address, gone.address].map { MemcachedServer($0) }
                var configuration = configuration(good.address)
                configuration.servers = servers
                let errors = try await MemcachedClient(configuration).warmUp()
                #expect(
                    errors.mapValues(\.code) == [servers[1]: .authenticationRequired, servers[2]: .connectionFailed]
                )
                #expect(errors[servers[2]]?.server == servers[2].label)
            }
        }
    }

    @Test func `who asks while a connection says nothing gets an answer on another one`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                var configuration = configuration(proxy.address)
                configuration.timeouts.operation = .seconds(3)
                let client = try MemcachedClient(configuration)
                try await client.set("key", to: "value")
                proxy.inject(.dropRest)
                let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
                #expect(error?.code == .timeout)
                // The silent one is given up after six seconds; nobody waits for that.
                #expect(try await client.get("key", as: String.self, timeout: .seconds(30)) == "value")
                #expect(proxy.counts.connectionsAccepted == 2)
            }
        }
    }

    @Test func `a connection that nobody uses is closed, and made again when somebody does`() async throws {
        try await withMemcached { server in
            var configuration = configuration(server.address)
            configuration.pool.idleTime = .seconds(2)
            let client = try MemcachedClient(configuration)
            for round in 1...3 {
                try await client.set("key", to: "value \(round)")
                // On a busy machine one may have been idle for too long before it was used at all.
                #expect(client.counters.connections >= round)
                #expect(try await comesTrue { try await server.connectionCounts().current == 0 })
            }
            #expect(try await client.get("key", as: String.self) == "value 3")
        }
    }

    @Test func `connections that are replaced all the time fail nobody`() async throws {
        try await withMemcached { server in
            var configuration = configuration(server.address, connections: 2)
            configuration.pool.maximumAge = .milliseconds(50)
            configuration.connectLimiter = ConnectLimiter(rate: 10_000, burst: 10_000)
            let client = try MemcachedClient(configuration)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<64 {
                    group.addTask {
                        let key = MemcachedKey("age \(number)")
                        var round = 0
                        while client.counters.connections < 8 {
                            round += 1
                            try await client.set(key, to: "\(key) \(round)")
                            #expect(try await client.get(key, as: String.self) == "\(key) \(round)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            // Those that were replaced have gone.
            #expect(try await comesTrue { try await server.connectionCounts().current <= 4 })
        }
    }

    @Test func `a connection that is kept alive is sent something, and is found out when it is dead`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                var configuration = configuration(proxy.address)
                configuration.timeouts.operation = .seconds(2)
                configuration.pool.keepAliveInterval = .milliseconds(50)
                let client = try MemcachedClient(configuration)
                try await client.set("key", to: "value", timeout: .seconds(30))
                #expect(try await comesTrue { proxy.counts.responseFrames >= 4 })
                #expect(proxy.counts.connectionsAccepted == 1)
                proxy.inject(.dropRest)
                #expect(try await comesTrue { proxy.counts.connectionsOpen == 0 })
                #expect(try await client.get("key", as: String.self, timeout: .seconds(30)) == "value")
            }
        }
    }

    @Test func `shutdown drains all connections`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(configuration(server.address, connections: 3))
            #expect(await client.warmUp().isEmpty)
            #expect(try await server.connectionCounts().current == 3)
            await client.shutdown()
            #expect(try await comesTrue { try await server.connectionCounts().current == 0 })
        }
    }

    /// With as few turns as these, the later ones would wait for seconds.
    @Test func `a client that was of use and is ended gives its turn to connect back`() async throws {
        try await withMemcached { server in
            var configuration = configuration(server.address)
            let limiter = ConnectLimiter(rate: 1, burst: 2)
            configuration.connectLimiter = limiter
            for _ in 0..<20 {
                let client = try MemcachedClient(configuration)
                #expect(try await client.get("key") == nil)
                await client.shutdown()
            }
            let now = NIODeadline.now()
            #expect(limiter.turn(isAuthenticating: false, now: now) == now)
        }
    }

    @Test func `thousands who give up at once are told at once`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                try await proxy.setAcceptMode(.hang)
                let client = try MemcachedClient(configuration(proxy.address))
                let cancelled = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<5_000 {
                        group.addTask {
                            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
                            return error?.code == .cancelled && error?.outcome == .notSent
                        }
                    }
                    group.cancelAll()
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(cancelled == 5_000)
                try await proxy.setAcceptMode(.forward)
            }
        }
    }
}
