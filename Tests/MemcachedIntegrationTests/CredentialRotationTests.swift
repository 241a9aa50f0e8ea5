import Memcached
import MemcachedTestSupport
import NIOConcurrencyHelpers
import Testing

/// Credentials that change while a client works, against real servers.
@Suite struct CredentialRotationTests {
    private static let alice = MemcachedCredentials(username: "alice", password: "first-s3cret")
    private static let bob = MemcachedCredentials(username: "bob", password: "second-s3cret")
    private static let wrong = MemcachedCredentials(username: "bob", password: "not-yet-s3cret")
    private static let sasl = MemcachedProcess.SASL(
        users: [
            .init(name: alice.username, password: alice.password), .init(name: bob.username, password: bob.password),
        ],
        mechanisms: "plain scram-sha-256"
    )

    private struct Sealed: Error {}

    /// What a provider answers; settable while clients use it.
    private final class Vault: Sendable {
        private let state: NIOLockedValueBox<(answer: Result<MemcachedCredentials, Sealed>, questions: Int)>

        init(_ answer: Result<MemcachedCredentials, Sealed>) {
            state = NIOLockedValueBox((answer, 0))
        }

        var questions: Int { state.withLockedValue { $0.questions } }

        func set(_ answer: Result<MemcachedCredentials, Sealed>) {
            state.withLockedValue { $0.answer = answer }
        }

        var provider: MemcachedCredentialsProvider {
            MemcachedCredentialsProvider { [self] _ in
                try state.withLockedValue { state in
                    state.questions += 1
                    return try state.answer.get()
                }
            }
        }
    }

    private func configuration(_ servers: [TestServerAddress], _ vault: Vault) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: servers.map(MemcachedServer.init))
        configuration.credentialsProvider = vault.provider
        configuration.authentication.providerTimeout = .seconds(60)
        configuration.timeouts.operation = .seconds(60)
        configuration.timeouts.connect = .seconds(30)
        return configuration
    }

    /// Waits for what happens a moment later on other threads.
    private func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test func `a rotation fails nothing, and the old connection goes`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let vault = Vault(.success(Self.alice))
            let client = try MemcachedClient(configuration([server.address], vault))
            try await client.set("key", to: "before")
            #expect(try await server.connectionCounts().authentications == 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        for round in 0..<200 { try await client.set("key:\(number)", to: "\(round)") }
                    }
                }
                vault.set(.success(Self.bob))
                #expect(await client.rotateCredentials().isEmpty)
                try await group.waitForAll()
            }
            #expect(
                try await eventually {
                    let counts = try await server.connectionCounts()
                    return counts.authentications == 2 && counts.current == 1
                }
            )
            for number in 0..<16 {
                #expect(try await client.get("key:\(number)", as: String.self) == "199")
            }
            #expect(try await server.connectionCounts().refusedAuthentications == 0)
        }
    }

    @Test func `a rotation without a change replaces nothing`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let vault = Vault(.success(Self.alice))
            let client = try MemcachedClient(configuration([server.address], vault))
            try await client.set("key", to: "value")
            let questions = vault.questions
            #expect(await client.rotateCredentials().isEmpty)
            #expect(vault.questions == questions + 1)
            try await client.set("key", to: "value")
            #expect(try await server.connectionCounts().opened == 1)
        }
    }

    @Test func `until the server knows the new credentials the old connection goes on`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let vault = Vault(.success(Self.alice))
            let client = try MemcachedClient(configuration([server.address], vault))
            try await client.set("key", to: "value")
            vault.set(.success(Self.wrong))
            #expect(await client.rotateCredentials().isEmpty)
            #expect(try await eventually { try await server.connectionCounts().refusedAuthentications > 0 })
            #expect(try await client.get("key", as: String.self) == "value")
            vault.set(.success(Self.bob))
            #expect(await client.rotateCredentials().isEmpty)
            #expect(
                try await eventually {
                    let counts = try await server.connectionCounts()
                    return counts.authentications == counts.refusedAuthentications + 2 && counts.current == 1
                }
            )
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test func `refused credentials that were changed are tried at once`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let vault = Vault(.success(Self.wrong))
            var configuration = configuration([server.address], vault)
            // Longer than any test.
            configuration.authentication.backoff.initial = .seconds(3_600)
            configuration.authentication.backoff.maximum = .seconds(3_600)
            let client = try MemcachedClient(configuration)
            for _ in 0..<3 {
                let error = await failure { () async throws(MemcachedError) in try await client.get("key") }
                #expect(error?.code == .authenticationRefused)
            }
            #expect(try await server.connectionCounts().refusedAuthentications == 1)
            vault.set(.success(Self.bob))
            #expect(await client.rotateCredentials().isEmpty)
            try await client.set("key", to: "value")
            #expect(try await server.connectionCounts().authentications == 2)
        }
    }

    @Test func `each server has its own credentials`() async throws {
        let one = MemcachedProcess.SASL(user: Self.alice.username, password: Self.alice.password)
        let other = MemcachedProcess.SASL(user: Self.bob.username, password: Self.bob.password)
        try await withMemcached(.init(sasl: one)) { first in
            try await withMemcached(.init(sasl: other)) { second in
                try await withMemcached { third in
                    let servers = [first, second, third].map { MemcachedServer($0.address) }
                    var configuration = MemcachedConfiguration(servers: servers)
                    configuration.timeouts.operation = .seconds(60)
                    configuration.timeouts.connect = .seconds(30)
                    configuration.credentialsProvider = MemcachedCredentialsProvider { server in
                        // The third has no SASL.
                        server == servers[0] ? Self.alice : server == servers[1] ? Self.bob : nil
                    }
                    let client = try MemcachedClient(configuration)
                    #expect(try await client.version().count == 3)
                    for server in [first, second] {
                        let counts = try await server.connectionCounts()
                        #expect(counts.authentications == 1)
                        #expect(counts.refusedAuthentications == 0)
                    }
                }
            }
        }
    }

    @Test func `without credentials nobody is connected to, and it is told why`() async throws {
        try await withMemcached(.init(sasl: Self.sasl)) { server in
            let vault = Vault(.failure(Sealed()))
            let client = try MemcachedClient(configuration([server.address], vault))
            let error = try #require(
                await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
            )
            #expect(error.code == .credentialsUnavailable)
            #expect(error.outcome == .notSent)
            let failures = await client.rotateCredentials()
            #expect(failures.values.map(\.code) == [.credentialsUnavailable])
            #expect(try await server.connectionCounts().opened == 0)
            vault.set(.success(Self.alice))
            #expect(await client.rotateCredentials().isEmpty)
            #expect(
                try await eventually {
                    await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") } == nil
                }
            )
        }
    }
}
