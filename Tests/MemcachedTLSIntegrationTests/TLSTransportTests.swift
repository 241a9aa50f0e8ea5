import Memcached
import MemcachedTestSupport
import Testing

/// One side speaks TLS and the other does not: each case ends in time, says so, and gives nothing away.
@Suite struct TLSTransportTests {
    /// The error, and that it came within the time that one attempt has and a slack for a busy machine.
    private func error(_ configuration: MemcachedConfiguration) async throws -> MemcachedError {
        var configuration = configuration
        configuration.timeouts.connect = .seconds(5)
        configuration.timeouts.operation = .seconds(120)
        let began = ContinuousClock.now
        let error = try await failureOfSet(configuration)
        #expect(ContinuousClock.now - began < .seconds(5) + .seconds(20))
        return try #require(error)
    }

    struct PlainServer: Sendable, CustomStringConvertible {
        var arguments: [String] = []
        var sasl: MemcachedProcess.SASL?

        var description: String { sasl == nil ? "memcached \(arguments.joined(separator: " "))" : "memcached -S" }
    }

    @Test(arguments: [
        PlainServer(), PlainServer(arguments: ["-B", "binary"]), PlainServer(arguments: ["-B", "ascii"]),
        PlainServer(sasl: .init(user: "alice", password: "s3cret")),
    ])
    func `TLS against a memcached without TLS says so and sends no password`(plain: PlainServer) async throws {
        try await withMemcached(.init(sasl: plain.sasl, arguments: plain.arguments)) { server in
            var configuration = MemcachedConfiguration(port: server.address.port, tls: .ofTests)
            configuration.credentials = MemcachedCredentials(username: "alice", password: "s3cret")
            let error = try await error(configuration)
            #expect([.tlsFailed, .timeout].contains(error.code), "\(error)")
            #expect(error.outcome == .notSent)
            #expect(error.description.contains("-Z"), "\(error)")
            #expect(try await server.connectionCounts().authentications == 0)
        }
    }

    @Test(arguments: ServerVersion.allCases, [true, false])
    func `a client without TLS at a TLS port says so`(version: ServerVersion, authenticated: Bool) async throws {
        try await withMemcached(.init(.good, version: version)) { server in
            var configuration = MemcachedConfiguration(port: server.address.port, tls: nil)
            if authenticated { configuration.credentials = MemcachedCredentials(username: "alice", password: "s3cret") }
            let error = try await error(configuration)
            #expect([.notBinaryProtocol, .connectionLost].contains(error.code), "\(error)")
            #expect(error.description.contains("TLS"), "\(error)")
            #expect(try await server.stats()["auth_cmds"] == "0")
        }
    }

    @Test(arguments: [nil, "HTTP/1.1 400 Bad Request\r\n\r\n", "ERROR\r\n", "ERROR Too many open connections\r\n", ""])
    func `nothing is ever sent in clear where TLS is configured`(answer: String?) async throws {
        try await RecordingServer.run(answering: answer) { server in
            var configuration = MemcachedConfiguration(port: server.port, host: "localhost", tls: .ofTests)
            configuration.credentials = MemcachedCredentials(username: "alice-the-user", password: "hidden-word")
            configuration.timeouts.connect = .seconds(2)
            let client = try MemcachedClient(configuration)
            for number in 0..<8 {
                let error = try #require(
                    await failure { () async throws(MemcachedError) in
                        try await client.set("the-key-\(number)", to: "the-value")
                    }
                )
                #expect(error.outcome == .notSent)
                #expect([.tlsFailed, .timeout, .tooManyConnections, .serverDown].contains(error.code), "\(error)")
                #expect(error.code != .timeout || error.description.contains("TLS handshake"), "\(error)")
            }
            let connections = server.bytes.filter { !$0.isEmpty }
            #expect(!connections.isEmpty)
            for bytes in connections {
                // A record of the handshake (RFC 8446 section 5.1) with the name that was asked for, and no more.
                #expect(bytes.starts(with: [0x16, 0x03, 0x01]))
                #expect(bytes.contains(Array("localhost".utf8)))
                for word in ["alice-the-user", "hidden-word", "the-key", "the-value", "PLAIN"] {
                    #expect(!bytes.contains(Array(word.utf8)))
                }
            }
        }
    }

    @Test func `an address is not indicated to the server, a server name is`() async throws {
        for (tls, isIndicated) in [(MemcachedTLS.ofTests, false), (.ofTests(as: "Cache.Test."), true)] {
            try await RecordingServer.run(answering: "no") { server in
                _ = try await failureOfSet(MemcachedConfiguration(port: server.port, tls: tls))
                let bytes = try #require(server.bytes.first)
                #expect(!bytes.contains(Array("127.0.0.1".utf8)))
                #expect(bytes.contains(Array("cache.test".utf8)) == isIndicated)
            }
        }
    }

    @Test func `a server at its connection limit is told apart from one without TLS`() async throws {
        var options = MemcachedProcess.Options(.good)
        options.arguments = ["-c", "40"]
        try await withMemcached(options) { server in
            var held: [RawConnection] = []
            for _ in 0..<60 { held.append(try await RawConnection.connect(to: server.plainAddress)) }
            let error = try await error(MemcachedConfiguration(port: server.address.port, tls: .ofTests))
            #expect(error.code == .tooManyConnections, "\(error)")
            #expect(error.outcome == .notSent)
            for connection in held { await connection.close() }
        }
    }

    @Test func `too old a version is refused from either side`() async throws {
        try await withMemcached(.init(.good, version: .tls12)) { server in
            var tls = MemcachedTLS.ofTests
            tls.minimumVersion = .tls13
            let error = try await error(MemcachedConfiguration(port: server.address.port, tls: tls))
            #expect(error.code == .tlsFailed, "\(error)")
            #expect(error.description.contains("no version of TLS in common"), "\(error)")
        }
        try await withMemcached(.init(.good, version: .tls13)) { server in
            var tls = MemcachedTLS.ofTests
            tls.minimumVersion = .tls13
            try await setAndGet(MemcachedConfiguration(port: server.address.port, tls: tls))
        }
    }
}
