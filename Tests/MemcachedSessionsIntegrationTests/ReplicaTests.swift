import Memcached
import MemcachedSessions
import MemcachedTestSupport
import Testing

@Suite struct ReplicaTests {
    @Test func `a server that comes back empty costs no session`() async throws {
        var servers: [MemcachedProcess] = []
        for _ in 0..<3 { servers.append(try await MemcachedProcess.start()) }
        var configuration = MemcachedSessionConfiguration(servers: servers.map { MemcachedServer($0.address) })
        configuration.client.timeouts.operation = .seconds(30)
        configuration.replicas = 1
        let handler = try MemcachedSessionHandler(configuration)
        var peers: [Peer] = []
        for server in servers { peers.append(try await Peer.connect(server)) }
        for _ in 0..<5 {
            let id = try await handler.makeSession(count: 1)
            let own = try #require(handler.client.servers.firstIndex(of: handler.client.server(of: MemcachedKey(id))))
            for index in 0..<3 {
                let session = try await peers[index].session(id)
                let isHere = index == own || index == (own + 1) % 3
                #expect(session == (isHere ? "count|i:1;" : nil))
            }
            // As a restart leaves it.
            try await peers[own].delete(Peer.prefix + id)
            #expect(try await handler.reload(id) == 2)
            #expect(try await peers[own].session(id) == "count|i:2;")
            #expect(try await peers[(own + 1) % 3].session(id) == "count|i:2;")
            #expect(try await handler.withSession(id: id) { try $0.destroy() }.destruction == .underLock)
            for peer in peers { #expect(try await peer.session(id) == nil) }
        }
        for server in servers { await server.stop() }
    }
}
