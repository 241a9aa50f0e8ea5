import Testing

@testable import Memcached

@Suite struct ProfileTests {
    @Test func `the hosted profile is what MemCachier publishes`() throws {
        let configuration = try MemcachedConfiguration.fromEnvironment(
            ["MEMCACHIER_SERVERS": "mc1.example:11211", "MEMCACHIER_USERNAME": "u", "MEMCACHIER_PASSWORD": "p"],
            profile: .hosted
        )
        #expect(configuration.timeouts.connect == .seconds(2))
        #expect(configuration.timeouts.operation == .milliseconds(750))
        #expect(configuration.tries == 2)
        #expect(configuration.keepAlive)
        #expect(configuration.placement == .equivalent)
        #expect(configuration.servers == [.tcp("mc1.example")])
        #expect(configuration.credentials == MemcachedCredentials(username: "u", password: "p"))
        try configuration.validate()
    }

    @Test func `a profile leaves alone what it says nothing of, and the standard one everything`() throws {
        var configuration = try MemcachedConfiguration(servers: "a")
        configuration.namespace = "n:"
        configuration.keepAlive = false
        configuration.timeouts.operation = .seconds(9)
        configuration.apply(.standard)
        #expect(configuration.timeouts.operation == .seconds(9))
        #expect(configuration.tries == nil)
        #expect(!configuration.keepAlive)
        #expect(configuration.placement == .byKey)
        configuration.apply(.hosted)
        #expect(configuration.namespace == "n:")
        #expect(configuration.keepAlive)
    }
}
