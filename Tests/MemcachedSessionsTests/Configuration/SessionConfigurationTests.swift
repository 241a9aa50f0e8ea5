import Memcached
import MemcachedHashing
import Testing

@testable import MemcachedSessions

@Suite struct SessionConfigurationTests {
    static func configuration() -> MemcachedSessionConfiguration {
        MemcachedSessionConfiguration(servers: [.tcp("127.0.0.1")])
    }

    @Test func `the defaults are valid and PHP's where PHP is safe`() throws {
        let configuration = Self.configuration()
        try configuration.validate()
        #expect(configuration.lifetime == .after(.seconds(1_440)))
        #expect(configuration.isStrict)
        #expect(configuration.writesLazily)
        #expect(configuration.availability == .failClosed)
        #expect(configuration.maximumBytes == 1_000_000)
        #expect(configuration.ids.length * configuration.ids.bitsPerCharacter >= 128)
        #expect(configuration.prefix == "memc.sess.key.")
    }

    typealias Change = @Sendable (inout MemcachedSessionConfiguration) -> Void

    static let mistakes: [(String, Change)] = [
        ("name at least one server", { $0.client.servers = [] }),
        ("prefix", { $0.prefix = "my app." }),
        ("prefix", { $0.prefix = "mäh." }),
        ("prefix is too long", { $0.prefix = String(repeating: "p", count: 224) }),
        ("ids.length", { $0.prefix = String(repeating: "p", count: 220) }),
        ("ids.length", { $0.ids.length = 21 }),
        ("ids.length", { $0.ids.length = 232 }),
        ("ids.bitsPerCharacter", { $0.ids.bitsPerCharacter = 3 }),
        ("ids.bitsPerCharacter", { $0.ids.bitsPerCharacter = 7 }),
        (
            "128",
            {
                $0.ids.length = 22
                $0.ids.bitsPerCharacter = 4
            }
        ),
        ("lifetime", { $0.lifetime = .after(.zero) }),
        ("lifetime", { $0.lifetime = .after(.seconds(-5)) }),
        ("maximumBytes", { $0.maximumBytes = 0 }),
        ("minimumWait", { $0.locking.minimumWait = .zero }),
        ("minimumWait", { $0.locking.minimumWait = .seconds(1 << 62) }),
        ("maximumWait", { $0.locking.maximumWait = .zero }),
        ("maximumWait", { $0.locking.maximumWait = .seconds(1 << 62) }),
        ("retries", { $0.locking.retries = -1 }),
        ("timeout", { $0.locking.timeout = .zero }),
        ("timeout", { $0.locking.timeout = .seconds(1 << 62) }),
        ("lease", { $0.locking.lease = .seconds(2) }),
        ("lease", { $0.locking.lease = .seconds(1 << 62) }),
        ("maximumWaiters", { $0.locking.maximumWaiters = -1 }),
        ("releaseTimeout", { $0.locking.releaseTimeout = .zero }),
        ("releaseTimeout", { $0.locking.releaseTimeout = .seconds(1 << 62) }),
        ("sessionsMayBeLost", { $0.client.placement = .equivalent }),
        ("sessionsMayBeLost", { $0.client.failures.policy = .eject }),
        ("sessionsMayBeLost", { $0.client.failures.flushesReturningServersAfter = .seconds(60) }),
        ("credentials", { $0.client.credentials = .init(username: "u", password: "") }),
    ]

    @Test(arguments: mistakes.indices)
    func `each setting that makes no sense is named`(index: Int) async {
        var configuration = Self.configuration()
        let (part, change) = Self.mistakes[index]
        change(&configuration)
        let error = await sessionError { try MemcachedSessionHandler(configuration) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "no error")")
    }

    @Test(arguments: mistakes.filter { $0.0 == "sessionsMayBeLost" }.map(\.1).indices)
    func `what loses sessions is taken with leave`(index: Int) throws {
        var configuration = Self.configuration()
        Self.mistakes.filter { $0.0 == "sessionsMayBeLost" }[index].1(&configuration)
        configuration.sessionsMayBeLost = true
        try configuration.validate()
    }

    @Test func `the shortest lease and ids of other widths are fine`() throws {
        var configuration = Self.configuration()
        configuration.locking.lease = .seconds(3)
        configuration.lifetime = .never
        for (length, bits) in [(32, 4), (26, 5), (22, 6), (231, 4)] {
            configuration.ids.length = length
            configuration.ids.bitsPerCharacter = bits
            try configuration.validate()
        }
        configuration.prefix = ""
        try configuration.validate()
    }

    @Test func `the environment's family becomes servers and credentials of the sessions`() throws {
        let configuration = try MemcachedSessionConfiguration.fromEnvironment([
            "MEMCACHIER_SERVERS": "mc1.example.com:11211, mc2.example.com",
            "MEMCACHIER_USERNAME": "ada", "MEMCACHIER_PASSWORD": "hunter2",
        ])
        #expect(configuration.client.servers.map(\.label) == ["mc1.example.com:11211", "mc2.example.com:11211"])
        #expect(configuration.client.credentials == .init(username: "ada", password: "hunter2"))
        #expect(configuration.client.selection == .phpSession)
        #expect(configuration.prefix == "memc.sess.key.")
    }

    @Test func `nothing set is an error of the sessions too`() async {
        let error = await sessionError { try MemcachedSessionConfiguration.fromEnvironment([:]) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("MEMCACHIER_SERVERS") == true)
    }
}
