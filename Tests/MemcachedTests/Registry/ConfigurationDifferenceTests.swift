import Logging
import MemcachedHashing
import NIOCore
import NIOPosix
import Testing

@testable import Memcached

/// Which settings of two configurations are told to differ.
@Suite struct ConfigurationDifferenceTests {
    private static func configuration() throws -> MemcachedConfiguration {
        var configuration = try MemcachedConfiguration(servers: "a:1,b:1")
        configuration.credentials = MemcachedCredentials(username: "user", password: "s3cret")
        configuration.transcoder = .phpMemcached(compression: .fastLZ)
        configuration.tls = MemcachedTLS()
        return configuration
    }

    private static func difference(_ change: (inout MemcachedConfiguration) throws -> Void) throws -> [String] {
        var changed = try configuration()
        try change(&changed)
        return ConfigurationDifference.fields(of: try configuration(), and: changed)
    }

    @Test func `a configuration made twice is the same`() throws {
        #expect(try Self.difference { _ in }.isEmpty)
    }

    @Test func `what is equal in value is the same`() throws {
        #expect(
            try Self.difference {
                $0.servers = try MemcachedServer.list(parsing: "a:1, b:1")
                $0.credentials = MemcachedCredentials(username: "user", password: "s3cret")
            }
            .isEmpty
        )
    }

    @Test func `everybody may log where they like`() throws {
        #expect(
            try Self.difference {
                $0.logger = Logger(label: "other")
                $0.poolName = "name"
            }
            .isEmpty
        )
    }

    @Test func `settings that differ are named, parts of them too, values are not`() throws {
        #expect(try Self.difference { $0.servers.reverse() } == ["servers"])
        #expect(try Self.difference { $0.selection = .phpSession } == ["selection.keyHash", "selection.distribution"])
        #expect(try Self.difference { $0.namespace = "n:" } == ["namespace"])
        #expect(try Self.difference { $0.timeouts.connect = .seconds(9) } == ["timeouts.connect"])
        #expect(try Self.difference { $0.tries = 2 } == ["tries"])
        #expect(try Self.difference { $0.limits.responseBytes = 9 } == ["limits.responseBytes"])
        #expect(try Self.difference { $0.failures.policy = .eject } == ["failures.policy"])
        #expect(try Self.difference { $0.placement = .equivalent } == ["placement"])
        #expect(try Self.difference { $0.discovery = .init() } == ["discovery"])
        #expect(try Self.difference { $0.keepAlive = false } == ["keepAlive"])
        #expect(
            try Self.difference {
                $0.timeouts.connect = .seconds(9)
                $0.namespace = "n:"
            } == ["namespace", "timeouts.connect"]
        )
    }

    @Test func `of secrets only the setting is named`() throws {
        let other = MemcachedCredentials(username: "user", password: "an0ther")
        #expect(try Self.difference { $0.credentials = other } == ["credentials"])
        #expect(try Self.difference { $0.credentials = nil } == ["credentials"])
        #expect(try Self.difference { $0.tls = MemcachedTLS(serverName: "x.example") } == ["tls"])
    }

    @Test func `transcoders are compared by type and contents`() throws {
        #expect(try Self.difference { $0.transcoder = .standard }.first?.hasPrefix("transcoder") == true)
        #expect(try !Self.difference { $0.transcoder = .phpMemcached(compression: nil) }.isEmpty)
        #expect(try Self.difference { $0.transcoder = .phpMemcached(compression: .fastLZ) }.isEmpty)
    }

    @Test func `event loops are the same when they are the same object`() throws {
        let group = MultiThreadedEventLoopGroup.singleton
        #expect(try Self.difference { $0.eventLoopGroup = group } == ["eventLoopGroup"])
        var first = try Self.configuration()
        first.eventLoopGroup = group
        #expect(ConfigurationDifference.fields(of: first, and: first).isEmpty)
        #expect(ConfigurationDifference.isSame(group.next() as Any, first.eventLoopGroup as Any) == false)
        var second = first
        second.eventLoopGroup = group.next()
        #expect(ConfigurationDifference.fields(of: first, and: second) == ["eventLoopGroup"])
    }

    /// Whoever adds a setting has to say whether two configurations of one pool may differ in it.
    @Test func `every setting is compared or excepted`() throws {
        let settings = Mirror(reflecting: try Self.configuration()).children.compactMap(\.label)
        let known = ConfigurationDifference.exceptions.union(ConfigurationDifference.settings.map(\.name))
        #expect(Set(settings) == known)
    }
}
