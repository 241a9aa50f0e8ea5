import Logging
import MemcachedWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import Memcached

/// What a server's connections share: credentials from a provider, derived keys, warnings.
@Suite struct ServerAuthenticatorTests {
    private static let old = MemcachedCredentials(username: "alice", password: "old-s3cret")
    private static let new = MemcachedCredentials(username: "alice", password: "new-s3cret")
    private let loop = MultiThreadedEventLoopGroup.singleton.any()
    private let log = RecordedLog()

    /// Other tests may keep all threads busy, and no provider's task gets one meanwhile.
    private static let patient: MemcachedAuthentication = {
        var policy = MemcachedAuthentication()
        policy.providerTimeout = .seconds(3_600)
        return policy
    }()

    private func authenticator(
        _ policy: MemcachedAuthentication = patient,
        credentials: MemcachedCredentials? = nil,
        provider: MemcachedCredentialsProvider? = nil,
        memory: MechanismMemory = MechanismMemory(),
        server: MemcachedServer = .tcp("cache.test")
    ) -> ServerAuthenticator {
        var configuration = MemcachedConfiguration(servers: [.tcp("cache.test")])
        configuration.credentials = credentials
        configuration.credentialsProvider = provider
        configuration.authentication = policy
        configuration.logger = log.logger
        return ServerAuthenticator(server: server, configuration: configuration, memory: memory)
    }

    private func failure(_ authenticator: ServerAuthenticator) async -> MemcachedError? {
        do {
            _ = try await authenticator.credentials(on: loop).get()
            return nil
        } catch {
            return error as? MemcachedError
        }
    }

    // MARK: Credentials

    @Test func `without a provider the credentials are those of the configuration`() async throws {
        let grant = try await authenticator(credentials: Self.old).credentials(on: loop).get()
        #expect(grant.credentials == Self.old)
        #expect(try await authenticator().credentials(on: loop).get().credentials == nil)
    }

    @Test func `a provider is asked for each connection, for the server as configured`() async throws {
        let asked = NIOLockedValueBox<[MemcachedServer]>([])
        let authenticator = authenticator(
            provider: MemcachedCredentialsProvider { server in
                asked.withLockedValue { $0.append(server) }
                return Self.old
            }
        )
        for _ in 0..<3 {
            let grant = try await authenticator.credentials(on: loop).get()
            #expect(grant.credentials == Self.old)
            #expect(grant.generation == 1)
        }
        #expect(asked.withLockedValue { $0 } == Array(repeating: .tcp("cache.test"), count: 3))
    }

    @Test func `each change of the answer begins another generation, and is logged without the credentials`()
        async throws
    {
        let answers = NIOLockedValueBox<[MemcachedCredentials?]>([Self.old, Self.old, Self.new, nil, nil, Self.old])
        let authenticator = authenticator(
            provider: MemcachedCredentialsProvider { _ in answers.withLockedValue { $0.removeFirst() } }
        )
        var generations: [Int] = []
        for _ in 0..<6 { generations.append(try await authenticator.credentials(on: loop).get().generation) }
        #expect(generations == [1, 1, 2, 3, 3, 4])
        #expect(authenticator.generation == 4)
        #expect(log.messages(at: .info) == Array(repeating: "credentials changed", count: 3))
        #expect(!log.text.contains("s3cret"))
    }

    private struct VaultIsSealed: Error, CustomStringConvertible {
        var description: String { "token s3cret refused" }
    }

    @Test func `a provider that fails is told by the type of its error and not by its text`() async throws {
        let authenticator = authenticator(provider: MemcachedCredentialsProvider { _ in throw VaultIsSealed() })
        let error = try #require(await failure(authenticator))
        #expect(error.code == .credentialsUnavailable)
        #expect(error.cause is VaultIsSealed)
        #expect(error.description.contains("VaultIsSealed"))
        #expect(!error.description.contains("s3cret"))
        #expect(authenticator.generation == 0)
    }

    @Test func `a provider that does not answer is given up, and told so`() async throws {
        var policy = MemcachedAuthentication()
        policy.providerTimeout = .milliseconds(20)
        let wasCancelled = loop.makePromise(of: Void.self)
        let authenticator = authenticator(
            policy,
            provider: MemcachedCredentialsProvider { _ in
                do {
                    try await Task.sleep(for: .seconds(3_600))
                } catch {
                    wasCancelled.succeed()
                    throw error
                }
                return nil
            }
        )
        let error = try #require(await failure(authenticator))
        #expect(error.code == .credentialsUnavailable)
        #expect(error.detail.contains("authentication.providerTimeout"))
        try await wasCancelled.futureResult.get()
    }

    @Test(arguments: [("", "p"), ("u", ""), ("u\0", "p"), ("u", "p\0")])
    func `credentials of a provider are checked as those of a configuration`(
        user: String,
        password: String
    ) async throws {
        let authenticator = authenticator(
            provider: MemcachedCredentialsProvider { _ in MemcachedCredentials(username: user, password: password) }
        )
        #expect(await failure(authenticator)?.code == .invalidConfiguration)
    }

    @Test func `providers are equal when one is a copy of the other`() {
        let one = MemcachedCredentialsProvider { _ in nil }
        let copy = one
        #expect(one == copy)
        #expect(Set([one, copy]).count == 1)
        #expect(one != MemcachedCredentialsProvider { _ in nil })
        #expect("\(one)" == "<provider>")
    }

    @Test func `credentials and a provider exclude each other`() {
        var configuration = MemcachedConfiguration(servers: [.tcp("h")])
        configuration.credentials = Self.old
        configuration.credentialsProvider = MemcachedCredentialsProvider { _ in nil }
        let error = #expect(throws: MemcachedError.self) { try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
    }

    // MARK: Keys

    @Test func `keys are derived on another thread than the event loop's, and only once`() async throws {
        let authenticator = authenticator(credentials: Self.old)
        let derivation = SCRAMDerivation(hash: .sha512, password: Array("p".utf8), salt: [1], iterations: 4_096)
        let first = try await authenticator.keys(for: derivation, on: loop).get()
        #expect(first.proof(over: [1]) == SCRAMKeys(derivation).proof(over: [1]))
        // What is remembered is there at once: the future has its value while the loop cannot fulfil one.
        let isRemembered =
            try await loop.submit { [loop] in
                let future = authenticator.keys(for: derivation, on: loop)
                let seen = NIOLoopBoundBox(false, eventLoop: loop)
                future.assumeIsolated().whenSuccess { _ in seen.value = true }
                return seen.value
            }
            .get()
        #expect(isRemembered)
        var other = derivation
        other.salt = [2]
        let unknown = other
        let isDerivedOnLoop =
            try await loop.submit { [loop] in
                let future = authenticator.keys(for: unknown, on: loop)
                let seen = NIOLoopBoundBox(false, eventLoop: loop)
                future.assumeIsolated().whenSuccess { _ in seen.value = true }
                return seen.value
            }
            .get()
        #expect(!isDerivedOnLoop)
    }

    // MARK: Mechanism

    private static let remote = try? SocketAddress(ipAddress: "192.0.2.1", port: 11_211)

    @Test func `a password in clear text is warned of once for each server`() throws {
        let memory = MechanismMemory()
        for _ in 0..<3 {
            let authenticator = authenticator(credentials: Self.old, memory: memory)
            #expect(try authenticator.choose(among: [.plain], isEncrypted: false, peer: Self.remote).get() == .plain)
        }
        #expect(log.messages(at: .warning).count == 1)
        #expect(log.text.contains("cache.test:11211"))
        #expect(!log.text.contains("s3cret"))
    }

    @Test func `neither TLS nor SCRAM nor a private connection is warned of`() throws {
        let authenticator = authenticator(credentials: Self.old)
        let loopback = try SocketAddress(ipAddress: "127.0.0.1", port: 11_211)
        _ = try authenticator.choose(among: [.plain], isEncrypted: true, peer: Self.remote).get()
        _ = try authenticator.choose(among: [.scramSHA1], isEncrypted: false, peer: Self.remote).get()
        _ = try authenticator.choose(among: [.plain], isEncrypted: false, peer: loopback).get()
        #expect(log.messages(at: .warning).isEmpty)
    }

    @Test func `once SCRAM was offered to anyone, PLAIN is refused in clear to all`() throws {
        let memory = MechanismMemory()
        let first = authenticator(credentials: Self.old, memory: memory)
        #expect(
            try first.choose(among: [.plain, .scramSHA256], isEncrypted: true, peer: Self.remote).get() == .scramSHA256
        )
        let second = authenticator(credentials: Self.new, memory: memory)
        let result = second.choose(among: [.plain], isEncrypted: false, peer: Self.remote)
        #expect(throws: MemcachedError.self) { try result.get() }
        #expect(log.messages(at: .warning).isEmpty)
    }

    @Test func `a server is remembered by its configured name, whatever it resolves to`() async throws {
        let memory = MechanismMemory()
        var before = MemcachedServer.tcp("192.0.2.1")
        before.configuredHost = "cache.test"
        var after = MemcachedServer.tcp("198.51.100.1")
        after.configuredHost = "cache.test"
        let first = authenticator(credentials: Self.old, memory: memory, server: before)
        _ = try first.choose(among: [.scramSHA256], isEncrypted: false, peer: Self.remote).get()
        let second = authenticator(credentials: Self.old, memory: memory, server: after)
        let result = second.choose(among: [.plain], isEncrypted: false, peer: Self.remote)
        #expect(throws: MemcachedError.self) { try result.get() }
        let other = authenticator(credentials: Self.old, memory: memory, server: .tcp("198.51.100.1"))
        #expect(try other.choose(among: [.plain], isEncrypted: false, peer: Self.remote).get() == .plain)

        let asked = NIOLockedValueBox<[MemcachedServer]>([])
        let provided = authenticator(
            provider: MemcachedCredentialsProvider { server in
                asked.withLockedValue { $0.append(server) }
                return Self.old
            },
            server: after
        )
        _ = try await provided.credentials(on: loop).get()
        #expect(asked.withLockedValue { $0 } == [.tcp("cache.test")])
    }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.255.3.4", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false),
            ("192.168.1.1", false), ("0.0.0.0", false), ("::", false), ("fe80::1", false), ("1.127.0.0", false),
        ]
    )
    func `loopback addresses are private unless configuration says otherwise`(text: String, isPrivate: Bool) throws {
        let address = try SocketAddress(ipAddress: text, port: 1)
        #expect(address.isPrivate(countingLoopback: true) == isPrivate)
        #expect(!address.isPrivate(countingLoopback: false))
    }

    @Test func `unix sockets are always private`() throws {
        let address = try SocketAddress(unixDomainSocketPath: "/run/memcached.sock")
        #expect(address.isPrivate(countingLoopback: false))
    }

    @Test func `printing one shows no credentials`() async throws {
        let authenticator = authenticator(credentials: Self.old)
        _ = try await authenticator.credentials(on: loop).get()
        var text = "\(authenticator)"
        dump(authenticator, to: &text)
        #expect(text.contains("cache.test"))
        #expect(!text.contains("s3cret"))
    }
}
