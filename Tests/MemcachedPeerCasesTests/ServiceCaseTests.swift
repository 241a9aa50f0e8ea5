import Memcached
import MemcachedTestSupport
import Synchronization
import Testing

/// Cases 141 to 152: statistics, version, SASL.
@Suite struct ServiceCaseTests {
    private static let sasl = MemcachedProcess.SASL(user: "user1", password: "password")

    private func client(
        _ address: TestServerAddress,
        _ user: String? = "user1",
        password: String = "password"
    ) throws -> MemcachedClient {
        var configuration = MemcachedConfiguration(address)
        configuration.credentials = user.map { MemcachedCredentials(username: $0, password: password) }
        return try MemcachedClient(configuration)
    }

    @Test func `statistics can be asked for again on the same connection`() async throws {
        try await withClient { client, _ in
            let first = try #require(try await client.stats().values.first)
            let second = try #require(try await client.stats().values.first)
            #expect(first.integer("total_connections") == second.integer("total_connections"))
            #expect(first["pid"] == second["pid"] && first["pid"] != nil)
        }
    }

    @Test func `groups of statistics have their names`() async throws {
        try await withClient { (client, _) async throws in
            #expect(try await client.stats().values.first?["curr_connections"] != nil)
            #expect(try await client.stats(.settings).values.first?["maxbytes"] != nil)
            // It changes numbers and tells none.
            #expect(try await client.stats(.init("reset")).values.first?.values.isEmpty == true)
        }
    }

    @Test func `statistics count items and their memory`() async throws {
        try await withClient { client, _ in
            for number in 0..<64 { try await client.set("item \(number)", to: "value") }
            #expect(try await client.stats().values.first?.integer("curr_items") == 64)
            #expect(try await client.stats(.slabs).values.first?["active_slabs"] != nil)
            let items = try #require(try await client.stats(.items).values.first)
            #expect(items.values.contains { $0.key.hasSuffix(":number") && $0.value == "64" })
            #expect(try await client.stats(.sizes).values.first?["sizes_status"] == "disabled")
        }
    }

    @Test func `a version has numbers, and a flush is counted`() async throws {
        try await withClient { client, server in
            let version = try #require(try await client.version().values.first)
            #expect(version.split(separator: ".").count == 3)
            let before = try await server.stat("cmd_flush")
            try await client.flush()
            #expect(try await server.stat("cmd_flush") == before + 1)
        }
    }

    @Test func `without credentials a server with SASL refuses set, delete and flush`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try client(server.address, nil)
            let errors = [
                await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") },
                await failure { () async throws(MemcachedError) in try await client.delete("key") },
                await failure { () async throws(MemcachedError) in try await client.flush() },
            ]
            #expect(errors.allSatisfy { $0?.status == 0x20 && $0?.outcome == .rejected })
        }
    }

    @Test func `a long mechanism, a wrong and the right password have their answers`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let connection = try await RawConnection.connect(to: server.address)
            let long = RawFrame(opcode: 0x21, key: [UInt8](repeating: 0x58, count: 40), value: [0x78])
            #expect(try await connection.exchange(long).status == 0x04)
            #expect(try await connection.authenticate(user: "user1", password: "wrong") == 0x20)
            #expect(try await connection.authenticate(user: "user1", password: "password") == 0)
            await connection.close()
        }
    }

    @Test func `after a refused authentication nothing is allowed`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let connection = try await RawConnection.connect(to: server.address)
            #expect(try await connection.authenticate(user: "user1", password: "wrong") == 0x20)
            let extras = [UInt8](repeating: 0, count: 8)
            let set = RawFrame(opcode: 0x01, extras: extras, key: [0x6B], value: [0x76])
            #expect(try await connection.exchange(set).status == 0x20)
            await connection.close()
        }
    }

    @Test func `missing and wrong credentials are errors of their own`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let without = try client(server.address, nil)
            let missing = await failure { () async throws(MemcachedError) in try await without.set("key", to: "value") }
            #expect(missing?.code == .authenticationRequired)
            let with = try client(server.address, password: "wrong")
            let wrong = await failure { () async throws(MemcachedError) in try await with.set("key", to: "value") }
            #expect(wrong?.code == .authenticationRefused && wrong?.outcome == .notSent)
        }
    }

    @Test func `each client authenticates its own connection`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            for _ in 0..<2 {
                let client = try client(server.address)
                try await client.set("key", to: "value")
                #expect(try await client.get("key", as: String.self) == "value")
            }
            #expect(try await server.connectionCounts().authentications == 2)
        }
    }

    @Test func `mechanisms that cannot be used, and refusals, are told apart`() async throws {
        // memcached without SASL does not know the command; the password stays here.
        try await withMemcached { server in
            let client = try client(server.address)
            let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
            #expect(error?.code == .authenticationUnsupported && error?.outcome == .notSent)
        }
        let other = try await FakeMemcachedServer.start(.init(users: ["user1": "password"])) { request in
            guard request.frame.opcode == 0x20 else { return [.answer] }
            let list = Array("CRAM-MD5 DIGEST-MD5".utf8)
            return [.respond(RawFrame(magic: 0x81, opcode: 0x20, opaque: request.frame.opaque, value: list))]
        }
        let asking = try self.client(other.address)
        let error = await failure { () async throws(MemcachedError) in try await asking.get("key") }
        #expect(error?.code == .noSuitableMechanism && error?.outcome == .notSent)
        #expect(other.counts.requests[0x21] == nil)
        await other.stop()
        // Other servers say 0x08 where memcached says 0x20.
        for (status, code) in [
            (UInt16(0x20), MemcachedError.Code.authenticationRefused), (0x08, .authenticationRefused),
            (0x84, .serverError), (0x81, .authenticationUnsupported),
        ] {
            let server = try await FakeMemcachedServer.start(.init(users: ["user1": "password"])) { request in
                request.frame.opcode == 0x21 ? [.refuse(status: status, text: "no")] : [.answer]
            }
            let refused = try self.client(server.address)
            let error = await failure { () async throws(MemcachedError) in try await refused.get("key") }
            #expect(error?.code == code, "status \(status)")
            await server.stop()
        }
    }

    @Test func `the mechanisms are asked for first, and PLAIN has user and password behind NULs`() async throws {
        let seen = Mutex<[RawFrame]>([])
        let server = try await FakeMemcachedServer.start(.init(users: ["user1": "password"])) { request in
            seen.withLock { $0.append(request.frame) }
            return [.answer]
        }
        let client = try client(server.address)
        try await client.set("key", to: "value")
        let frames = seen.withLock { $0 }
        #expect(frames.map(\.opcode) == [0x20, 0x21, 0x01])
        #expect(frames.first?.body == [])
        #expect(frames.dropFirst().first?.key == Array("PLAIN".utf8))
        #expect(frames.dropFirst().first?.value == Array("\0user1\0password".utf8))
        await server.stop()
    }

    @Test func `with credentials values are stored and read`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try client(server.address)
            try await client.set("foo", to: "bar")
            #expect(try await client.get("foo", as: String.self) == "bar")
        }
    }
}
