#if ConfigurationSupport
import Configuration
import Synchronization
import Testing

@testable import Memcached

/// The trait ConfigurationSupport: the same rules as for the environment, by way of swift-configuration.
@Suite struct ConfigReaderTests {
    private static func reader(_ values: [AbsoluteConfigKey: ConfigValue]) -> ConfigReader {
        ConfigReader(provider: InMemoryProvider(values: values))
    }

    @Test func `environment variables are found under the keys`() throws {
        for variables in [
            ["MEMCACHIER_SERVERS": "a:1,b:2", "MEMCACHIER_USERNAME": "u", "MEMCACHIER_PASSWORD": "p"],
            ["MEMCACHEDCLOUD_SERVERS": "a:1", "MEMCACHEDCLOUD_USERNAME": "u", "MEMCACHEDCLOUD_PASSWORD": "p"],
            ["MEMCACHED_HOST": "h", "MEMCACHED_PORT": "12000"],
            ["MEMCACHED_SERVERS": "--SERVER=a --SERVER=b/?3 --NAMESPACE=x:"],
            ["MEMCACHED_SERVERS": "/run/m.sock", "MEMCACHED_USERNAME": "u", "MEMCACHED_PASSWORD": "p"],
        ] {
            let config = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: variables))
            let read = try MemcachedConfiguration(reading: config)
            let expected = try MemcachedConfiguration.fromEnvironment(variables)
            #expect(read.servers == expected.servers)
            #expect(read.credentials == expected.credentials)
            #expect(read.namespace == expected.namespace)
            #expect(read.selection == expected.selection)
        }
    }

    @Test func `a file may list servers and give the port as a number`() throws {
        let servers = ConfigValue(.stringArray(["a:1:2", "[::1]:3"]), isSecret: false)
        let list = try MemcachedConfiguration(reading: Self.reader(["memcached.servers": servers]))
        #expect(list.servers == [.tcp("a", port: 1, weight: 2), .tcp("[::1]", port: 3)])
        let host = try MemcachedConfiguration(reading: Self.reader(["memcached.host": "h", "memcached.port": 12_000]))
        #expect(host.servers == [.tcp("h", port: 12_000)])
    }

    @Test func `a scope and a family are respected`() throws {
        let config = Self.reader([
            "app.cache.memcached.servers": "a:1", "app.cache.memcachier.servers": "b:1",
            "app.cache.memcachier.username": "u", "app.cache.memcachier.password": "p",
        ])
        let scoped = config.scoped(to: "app.cache")
        #expect(try MemcachedConfiguration(reading: scoped, family: .servers).servers == [.tcp("a", port: 1)])
        #expect(try MemcachedConfiguration(reading: scoped, family: .memcachier).servers == [.tcp("b", port: 1)])
        #expect(throws: MemcachedError.self) { try MemcachedConfiguration(reading: scoped) }
        #expect(throws: MemcachedError.self) { try MemcachedConfiguration(reading: config) }
    }

    @Test func `errors name keys and never a value of credentials`() throws {
        let error = #expect(throws: MemcachedError.self) {
            try MemcachedConfiguration(
                reading: Self.reader(["memcachier.servers": "alice:s3cret@h", "memcachier.password": "s3cret"])
            )
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("memcachier.username") == true)
        let credentials = #expect(throws: MemcachedError.self) {
            try MemcachedConfiguration(reading: Self.reader(["memcached.servers": "alice:s3cret@h"]))
        }
        #expect(credentials?.detail.contains("memcached.servers") == true)
        for shown in [error, credentials].compactMap({ $0?.description }) {
            #expect(!shown.contains("s3cret") && !shown.contains("alice"))
        }
    }

    /// Remembers what was asked for and whether as a secret.
    private final class Accesses: AccessReporter {
        private let secrets = Mutex<[String: Bool]>([:])

        func report(_ event: AccessEvent) {
            guard case .success(let value?) = event.result else { return }
            secrets.withLock { $0[event.metadata.key.description] = value.isSecret }
        }

        var all: [String: Bool] { secrets.withLock { $0 } }
    }

    @Test func `names and passwords are read as secrets`() throws {
        let accesses = Accesses()
        let config = ConfigReader(
            provider: InMemoryProvider(values: [
                "memcached.servers": "a:1", "memcached.username": "u", "memcached.password": "p",
            ]),
            accessReporter: accesses
        )
        let configuration = try MemcachedConfiguration(reading: config)
        #expect(configuration.credentials == MemcachedCredentials(username: "u", password: "p"))
        #expect(
            accesses.all == ["memcached.servers": false, "memcached.username": true, "memcached.password": true]
        )
    }
}
#endif
