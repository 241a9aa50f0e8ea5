import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

/// A logout beside a request that holds the session for longer than anybody waits.
@Suite struct RevocationTests {
    @Test(arguments: [1, 3])
    func `what a slow holder writes back after a logout is used by nobody`(serverCount: Int) async throws {
        var servers: [MemcachedProcess] = []
        for _ in 0..<serverCount { servers.append(try await MemcachedProcess.start()) }
        var configuration = MemcachedSessionConfiguration(servers: servers.map { MemcachedServer($0.address) })
        configuration.client.timeouts.operation = .seconds(30)
        configuration.locking.retries = 1
        let handler = try MemcachedSessionHandler(configuration)
        let id = try await handler.makeSession(count: 7)
        let session = handler.client.server(of: MemcachedKey(id))
        let lock = handler.client.server(of: MemcachedKey("lock.\(id)"))
        var peers: [MemcachedServer: Peer] = [:]
        for server in servers { peers[MemcachedServer(server.address)] = try await Peer.connect(server) }
        let home = try #require(peers[session])
        let lockHome = try #require(peers[lock])

        // PHP locks, and Swift logs the user out meanwhile.
        try await lockHome.set("memc.sess.key.lock.\(id)", "1")
        #expect(try await handler.destroySession(id: id) == .withoutLock)
        #expect(try await home.session(id) == nil)
        // PHP ends: a blind SET, a blind DELETE.
        try await home.set("memc.sess.key.\(id)", "count|i:8;")
        try await lockHome.delete("memc.sess.key.lock.\(id)")

        let other = try MemcachedSessionHandler(configuration)
        let outcome = try await other.withSession(id: id) { $0.isNew }
        #expect(outcome.value)
        #expect(try await home.session(id) == nil, "it is removed under its lock")
        #expect(try await lockHome.lock(id) == nil)
        for server in servers { await server.stop() }
    }
}
