import MemcachedHashing
import Testing

@testable import Memcached

/// What the client tells of where a key is kept.
@Suite struct MemcachedPlacementTests {
    @Test func `the server, its hash and its point are those of the ring`() throws {
        let client = try MemcachedClient(servers: "10.0.1.1:11211,10.0.1.2:11212,10.0.1.3:11211:3")
        let ring = try ServerRing(
            servers: [
                RingServer(host: "10.0.1.1"), RingServer(host: "10.0.1.2", port: 11_212),
                RingServer(host: "10.0.1.3", weight: 3),
            ]
        )
        for number in 0..<100 {
            let placement = client.placement(of: MemcachedKey("key:\(number)"), replicas: 2)
            let expected = ring.placement(of: "key:\(number)", replicas: 2)
            #expect(placement.reason == expected)
            #expect(placement.server == client.servers[expected.index])
            #expect(placement.presentServer == placement.server)
            #expect(placement.replicas == expected.replicas.map { client.servers[$0] })
            #expect(placement.description == expected.description)
        }
    }

    @Test func `a group decides instead of the key, and a long key is placed as it is stored`() throws {
        var configuration = try MemcachedConfiguration(servers: "a:1,b:1,c:1")
        configuration.keys.longKeys = .hash
        let client = try MemcachedClient(configuration)
        #expect(client.placement(of: "x", routedBy: "group").reason == client.placement(of: "group").reason)
        let long = MemcachedKey(String(repeating: "k", count: 300))
        let stored = client.core.stored(long)
        #expect(stored != long)
        #expect(client.placement(of: long) == client.core.topology.placement(of: stored, replicas: 0))
    }

    @Test func `one server keeps everything`() throws {
        let client = try MemcachedClient(servers: "a:1")
        #expect(client.placement(of: "key", replicas: 3).replicas.isEmpty)
        #expect(client.placement(of: "key").reason?.reason == .onlyServer)
    }

    @Test func `equivalent servers have no place for a key`() throws {
        var configuration = try MemcachedConfiguration(servers: "a:1,b:1,c:1")
        configuration.placement = .equivalent
        let client = try MemcachedClient(configuration)
        let placement = client.placement(of: "key", replicas: 2)
        #expect(placement.reason == nil)
        #expect(placement.replicas.isEmpty)
        #expect(placement.presentServer.map(client.servers.contains) == true)
    }
}
