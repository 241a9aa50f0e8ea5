import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(2))) struct StatusTests {
    @Test func `a client that was not used has servers and no connections`() throws {
        let client = try MemcachedClient(servers: "127.0.0.1:1,127.0.0.1:2")
        let status = client.status
        #expect(status.servers.map(\.label) == ["127.0.0.1:1", "127.0.0.1:2"])
        #expect(status.servers.allSatisfy { $0.connections.isEmpty && $0.waiting == 0 && !$0.isConnecting })
        #expect(status.description.contains("127.0.0.1:2 up, 0 connections, 0 in flight, 0 waiting"))
    }

    @Test func `a connection tells what it is, and no secret`() async throws {
        try await withMemcached(.init(sasl: .init(user: "user", password: "hunter2"))) { server in
            var configuration = MemcachedConfiguration(server)
            configuration.credentials = MemcachedCredentials(username: "user", password: "hunter2")
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "value")
            let only = try #require(client.status.servers.first)
            let connection = try #require(only.connections.first)
            #expect(connection.isAuthenticated && !connection.isEncrypted)
            #expect(!connection.isSuspect && !connection.isDraining)
            #expect(connection.age >= .zero && connection.requestsInFlight == 0)
            #expect(only.totals.connections == 1)
            var dumped = ""
            dump(client.status, to: &dumped)
            #expect(!dumped.contains("hunter2"))
        }
    }

    @Test func `what is in flight, and what nobody waits for any more, is told`() async throws {
        try await withMemcached { server in
            try await withFaultProxy(upstream: server.address) { proxy in
                var configuration = MemcachedConfiguration(servers: [MemcachedServer(proxy.address)])
                configuration.timeouts.operation = .seconds(60)
                configuration.timeouts.connect = .seconds(30)
                let client = try MemcachedClient(configuration)
                try await client.set("key", to: "value")
                proxy.pauseResponses()
                for _ in 0..<2 {
                    _ = await failure { () async throws(MemcachedError) in
                        try await client.get("key", timeout: .seconds(1))
                    }
                }
                async let waiting = client.get("key", as: String.self)
                try await eventually("it is in flight") { client.status.servers[0].requestsInFlight >= 3 }
                let connection = try #require(client.status.servers[0].connections.first)
                #expect(connection.requestsInFlight == 3)
                #expect(connection.tombstones == 2)
                proxy.resumeResponses()
                #expect(try await waiting == "value")
                let after = client.status.servers[0]
                #expect(after.requestsInFlight == 0)
                #expect(after.totals.timeouts == 2 && after.totals.tombstones == 2)
                #expect(after.totals.lateResponsesDropped == 2)
            }
        }
    }

    @Test func `a server that is down says since when and why`() async throws {
        let server = try await MemcachedProcess.start()
        var configuration = MemcachedConfiguration(server)
        configuration.backoff.initial = .seconds(60)
        configuration.backoff.maximum = .seconds(60)
        await server.stop()
        let client = try MemcachedClient(configuration)
        for number in 1...3 {
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.code == .connectionFailed)
            switch client.status.servers[0].health {
            case .up: Issue.record("it failed \(number) times and counts as up")
            case .suspect(_, let error): #expect(number < 3 && error.code == .connectionFailed)
            case .down(let time, let error):
                #expect(number == 3 && time >= .zero && error.code == .connectionFailed)
            }
        }
        let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
        #expect(error?.code == .serverDown && error?.outcome == .notSent)
        #expect((error?.cause as? MemcachedError)?.code == .connectionFailed)
        #expect(error?.detail.contains("down for") == true)
        #expect(client.status.description.contains(" s (connectionFailed), 0 connections"))
        #expect(client.status.servers[0].totals.failedConnections == 3)
    }
}
