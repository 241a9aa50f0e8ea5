import Memcached
import MemcachedTestSupport
import Testing

/// SASL PLAIN against a real memcached, and every way in which it can be set up wrong.
@Suite struct AuthenticationTests {
    private static let sasl = MemcachedProcess.SASL(user: "alice", password: "s3cret-pässword")

    private func configuration(
        _ server: MemcachedProcess,
        user: String? = "alice",
        password: String = "s3cret-pässword"
    ) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(server)
        configuration.credentials = user.map { MemcachedCredentials(username: $0, password: password) }
        return configuration
    }

    @Test func `the client is authenticated before any request and once per connection`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try MemcachedClient(configuration(server))
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask { _ = try? await client.set("key:\(number)", to: "value") }
                }
            }
            #expect(try await client.get((0..<50).map { "key:\($0)" }).count == 50)
            let counts = try await server.connectionCounts()
            #expect(counts.authentications == 1)
            #expect(counts.refusedAuthentications == 0)
            #expect(counts.opened == 1)
        }
    }

    @Test func `SASL works on a unix socket too`() async throws {
        try await withMemcached(.init(sasl: Self.sasl, unixSocket: true)) { server in
            let client = try MemcachedClient(configuration(server))
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test(arguments: [("alice", "wrong"), ("nobody", "s3cret-pässword"), ("alice@elsewhere", "s3cret-pässword")])
    func `refused credentials are told and never shown`(user: String, password: String) async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try MemcachedClient(configuration(server, user: user, password: password))
            let error = try #require(
                await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
            )
            #expect(error.code == .authenticationRefused)
            #expect(error.outcome == .notSent)
            #expect(error.status == 0x20)
            #expect(error.description.contains("user name and password"))
            #expect(!"\(error)".contains(password) && !String(reflecting: error).contains(password))
        }
    }

    @Test func `a server that demands SASL says so to a client without credentials`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try MemcachedClient(configuration(server, user: nil))
            let error = try #require(
                await failure { () async throws(MemcachedError) in try await client.get("key") }
            )
            #expect(error.code == .authenticationRequired)
            #expect(error.outcome == .rejected)
            #expect(error.description.contains("set user name and password"))
        }
    }

    @Test func `a server without SASL is told apart and gets no password`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(configuration(server))
            let error = try #require(
                await failure { () async throws(MemcachedError) in try await client.get("key") }
            )
            #expect(error.code == .authenticationUnsupported)
            #expect(error.outcome == .notSent)
            #expect(error.description.contains("password was not sent"))
            #expect(try await server.connectionCounts().authentications == 0)
        }
    }

    @Test func `refused credentials are not tried in a tight loop`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try MemcachedClient(configuration(server, password: "wrong"))
            let began = ContinuousClock.now
            for _ in 0..<200 {
                let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
                #expect(error?.code == .authenticationRefused)
            }
            // A pause of half a second at least follows each refusal.
            let refused = try await server.connectionCounts().refusedAuthentications
            #expect(refused <= 2 + Int((ContinuousClock.now - began) / .milliseconds(500)))
        }
    }

    @Test func `a restarted server costs a bounded time and authentication happens again by itself`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let client = try MemcachedClient(configuration(server))
            try await client.set("key", to: "before")
            try await server.restart()
            let began = ContinuousClock.now
            var errors = 0
            while true {
                do {
                    try await client.set("key", to: "after", timeout: .seconds(1))
                    break
                } catch {
                    errors += 1
                    try #require(ContinuousClock.now - began < .seconds(20), "no success within 20 s: \(error)")
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            #expect(try await client.get("key", as: String.self) == "after")
            #expect(try await server.connectionCounts().authentications == 1)
            // Nothing but the one attempt was needed: the time went to nothing else.
            #expect(client.counters.failedConnections == 0)
            print("first success after \(ContinuousClock.now - began) and \(errors) errors")
        }
    }
}
