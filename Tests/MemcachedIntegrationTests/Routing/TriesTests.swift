import Memcached
import MemcachedTestSupport
import Testing

/// How often an operation is tried (`MemcachedConfiguration.tries`), counted by a server that does as it is told.
@Suite struct TriesTests {
    typealias Placement = MemcachedConfiguration.Placement

    private static let (get, set, increment): (UInt8, UInt8, UInt8) = (0x00, 0x01, 0x05)

    private static func configuration(
        _ servers: [MemcachedServer],
        tries: Int?,
        _ placement: Placement = .byKey
    ) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: servers)
        configuration.timeouts.operation = .seconds(60)
        configuration.timeouts.connect = .seconds(30)
        configuration.tries = tries
        configuration.placement = placement
        // The server stays up, whatever it does here.
        configuration.health.failureThreshold = 1_000
        return configuration
    }

    @Test(arguments: [(1, 1), (2, 2), (4, 4), (nil, 2)] as [(Int?, Int)], Placement.allCases)
    func `a read whose connection ends is sent as often as configured`(
        tries: (given: Int?, expected: Int),
        placement: Placement
    ) async throws {
        let server = try await FakeMemcachedServer.start { request in
            request.frame.opcode == Self.get ? [.close] : [.answer]
        }
        let client = try MemcachedClient(
            Self.configuration([MemcachedServer(server.address)], tries: tries.given, placement)
        )
        let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
        #expect(error?.code == .connectionLost)
        #expect(error?.outcome == .unknown)
        #expect(server.counts.requests[Self.get] == tries.expected)
        await server.stop()
    }

    @Test(arguments: Placement.allCases)
    func `a read that is not answered is sent once more, on another connection`(placement: Placement) async throws {
        let server = try await FakeMemcachedServer.start { request in
            request.frame.opcode == Self.get && request.connection == 1 ? [] : [.answer]
        }
        var configuration = Self.configuration([MemcachedServer(server.address)], tries: 2, placement)
        // A connection that was silent for 7 s is avoided; the read waits for 8.
        configuration.timeouts.operation = .seconds(16)
        let client = try MemcachedClient(configuration)
        // The connection is there before the read begins.
        try await client.set("key", to: "value")
        #expect(try await client.get("key", as: String.self) == "value")
        #expect(server.counts.requests[Self.get] == 2)
        await server.stop()
    }

    @Test func `what may act twice is sent once, however many tries there are`() async throws {
        let server = try await FakeMemcachedServer.start { request in
            request.frame.opcode == Self.get ? [.answer] : [.perform, .close]
        }
        let client = try MemcachedClient(Self.configuration([MemcachedServer(server.address)], tries: 8))
        let increment = await failure { () async throws(MemcachedError) in
            try await client.increment("counter", by: 1, initial: 1)
        }
        let set = await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
        for error in [increment, set] {
            #expect(error?.code == .connectionLost)
            #expect(error?.outcome == .unknown)
        }
        #expect(server.counts.requests[Self.increment] == 1)
        #expect(server.counts.requests[Self.set] == 1)
        await server.stop()
    }

    @Test(arguments: [(1, 1), (3, 3), (nil, 1)] as [(Int?, Int)])
    func `what was not sent is tried as often, a write too`(tries: (given: Int?, expected: Int)) async throws {
        let gone = try await FakeMemcachedServer.start()
        let address = gone.address
        await gone.stop()
        let client = try MemcachedClient(Self.configuration([MemcachedServer(address)], tries: tries.given))
        let error = await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
        #expect(error?.code == .connectionFailed)
        #expect(error?.outcome == .notSent)
        #expect(client.status.servers.first?.totals.failedConnections == tries.expected)
    }

    @Test func `the reads of a batch are tried again too`() async throws {
        let server = try await FakeMemcachedServer.start()
        let client = try MemcachedClient(Self.configuration([MemcachedServer(server.address)], tries: 2))
        let keys = (0..<50).map { MemcachedKey("key:\($0)") }
        for key in keys { try await client.set(key, to: "value") }
        server.script = { request in request.connection == 1 ? [.close] : [.answer] }
        #expect(try await client.get(keys, as: String.self).count == 50)
        await server.stop()
    }

    @Test func `a hosted cache with one door answers though a connection ends or is silent`() async throws {
        let server = try await FakeMemcachedServer.start(.init(users: ["alice": "s3cret"]))
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(server.address)])
        configuration.credentials = MemcachedCredentials(username: "alice", password: "s3cret")
        configuration.apply(.hosted)
        // As published, but for the patience of a busy machine.
        configuration.timeouts.operation = .seconds(16)
        configuration.timeouts.connect = .seconds(30)
        let client = try MemcachedClient(configuration)
        try await client.set("key", to: "value")
        server.script = { request in
            request.frame.opcode == Self.get && request.connection == 1 ? [.close] : [.answer]
        }
        #expect(try await client.get("key", as: String.self) == "value")
        server.script = { request in
            request.frame.opcode == Self.get && request.connection == 2 ? [] : [.answer]
        }
        #expect(try await client.get("key", as: String.self) == "value")
        #expect(server.counts.requests[Self.get] == 4)
        await server.stop()
    }
}
