import Memcached
import MemcachedTestSupport
import Testing

/// TLS and SASL together.
@Suite struct TLSAuthenticationTests {
    private static let sasl = MemcachedProcess.SASL(user: "alice", password: "s3cret")

    private func configuration(_ server: MemcachedProcess, password: String?) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(port: server.address.port, host: "localhost", tls: .ofTests)
        configuration.credentials = password.map { MemcachedCredentials(username: "alice", password: $0) }
        return configuration
    }

    @Test(arguments: ServerVersion.allCases)
    func `the client is authenticated over TLS, once per connection`(version: ServerVersion) async throws {
        try await withMemcached(.init(.good, version: version, sasl: Self.sasl)) { server in
            let client = try MemcachedClient(configuration(server, password: "s3cret"))
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask { _ = try? await client.set("key:\(number)", to: "value") }
                }
            }
            #expect(try await client.get((0..<50).map { "key:\($0)" }).count == 50)
            let counts = try await server.connectionCounts()
            #expect(counts.authentications == 1)
            #expect(counts.opened == 1)
        }
    }

    @Test(arguments: MemcachedAuthentication.Mechanism.allCases, ServerVersion.allCases)
    func `each mechanism works over TLS`(
        mechanism: MemcachedAuthentication.Mechanism,
        version: ServerVersion
    ) async throws {
        let sasl = MemcachedProcess.SASL(
            user: "dörte",
            password: "pé€ w",
            mechanisms: "plain scram-sha-1 scram-sha-256 scram-sha-512"
        )
        try await withMemcached(.init(.good, version: version, sasl: sasl)) { server in
            var configuration = configuration(server, password: nil)
            configuration.credentials = MemcachedCredentials(username: "dörte", password: "pé€ w")
            configuration.authentication = MemcachedAuthentication(mechanism: mechanism)
            // What is encrypted may carry PLAIN.
            configuration.authentication.requireEncryption = true
            configuration.authentication.countsLoopbackAsPrivate = false
            try await setAndGet(configuration)
            #expect(try await server.connectionCounts().authentications == 1)

            configuration.credentials?.password = "wrong"
            let error = try #require(try await failureOfSet(configuration))
            #expect(error.code == .authenticationRefused)
        }
    }

    @Test func `neither SCRAM nor PLAIN is begun with a server whose certificate is refused`() async throws {
        let sasl = MemcachedProcess.SASL(user: "alice", password: "s3cret", mechanisms: "plain scram-sha-256")
        for certificate in [Certificate.expired, .elsewhere, .unknown] {
            try await withMemcached(.init(certificate, sasl: sasl)) { server in
                let error = try #require(try await failureOfSet(configuration(server, password: "s3cret")))
                #expect(error.code == .certificateRefused)
                #expect(try await server.connectionCounts().authentications == 0)
            }
        }
    }

    @Test func `a refused password is a refused password, not a failure of TLS`() async throws {
        try await withMemcached(.init(.good, sasl: Self.sasl)) { server in
            let error = try #require(try await failureOfSet(configuration(server, password: "wrong")))
            #expect(error.code == .authenticationRefused)
            #expect(error.outcome == .notSent)
        }
    }

    @Test func `a server that demands SASL says so over TLS too`() async throws {
        try await withMemcached(.init(.good, sasl: Self.sasl)) { server in
            let error = try #require(try await failureOfSet(configuration(server, password: nil)))
            #expect(error.code == .authenticationRequired)
        }
    }
}
