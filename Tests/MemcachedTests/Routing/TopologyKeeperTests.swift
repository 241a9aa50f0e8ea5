import MemcachedHashing
import NIOCore
import Testing

@testable import Memcached

/// How servers are replaced; nothing here connects.
@Suite struct TopologyKeeperTests {
    private static let keys = (0..<2_000).map { MemcachedKey("key:\($0)") }

    private static func client(_ servers: String) throws -> MemcachedClient {
        try MemcachedClient(servers: servers)
    }

    private static func placement(of client: MemcachedClient) -> [MemcachedServer] {
        keys.map { client.server(of: $0) }
    }

    @Test func `servers that stay keep their pools, whatever their weight and place`() throws {
        let client = try Self.client("a:1,b:1,c:1")
        let before = client.core.topology.members
        try client.update(servers: "c:1,d:1,a:1:5")
        let after = client.core.topology.members
        #expect(after.map(\.server.label) == ["c:1", "d:1", "a:1"])
        #expect(after[0].endpoint === before[2].endpoint)
        #expect(after[2].endpoint === before[0].endpoint)
        #expect(after[2].server.weight == 5)
        #expect(!before.contains { $0.endpoint === after[1].endpoint })
        #expect(client.servers == after.map(\.server))
    }

    @Test func `a server that goes is let go when its last operation is over`() throws {
        let client = try Self.client("a:1,b:1")
        weak var gone: Endpoint?
        do {
            let topology = client.core.topology
            gone = topology.members[1].endpoint
            try client.update(servers: "a:1")
            // An operation that began before looks at the old topology.
            withExtendedLifetime(topology) { #expect(gone != nil) }
        }
        #expect(gone == nil)
    }

    @Test func `keys move only from servers that go and to servers that come`() throws {
        let client = try Self.client("a:1,b:1,c:1,d:1")
        let before = Self.placement(of: client)
        try client.update(servers: "a:1,b:1,c:1")
        let without = Self.placement(of: client)
        for (old, new) in zip(before, without) where old.label != "d:1" { #expect(new == old) }
        try client.update(servers: "a:1,b:1,c:1,d:1,e:1")
        let more = Self.placement(of: client)
        for (old, new) in zip(before, more) where new.label != "e:1" { #expect(new == old) }
        let moved = zip(before, more).filter { $0 != $1 }.count
        #expect((200...650).contains(moved))
    }

    @Test func `keys are where a client made with the new list has them`() throws {
        let client = try Self.client("a:1,b:1,c:1:3")
        try client.update(servers: "d:1:2,b:1,/run/mc.sock,a:1")
        #expect(Self.placement(of: client) == Self.placement(of: try Self.client("d:1:2,b:1,/run/mc.sock,a:1")))
    }

    @Test(arguments: ["", "a:1,a:1", "a:0"])
    func `a list that makes no sense changes nothing`(list: String) throws {
        let client = try Self.client("a:1,b:1")
        let before = client.core.topology
        let error = #expect(throws: MemcachedError.self) { try client.update(servers: list) }
        #expect(error?.code == .invalidConfiguration)
        #expect(throws: MemcachedError.self) { try client.update(servers: []) }
        #expect(client.core.topology === before)
    }

    @Test func `the same list is no change`() throws {
        let client = try Self.client("a:1,b:1")
        let before = client.core.topology
        try client.update(servers: "a:1,b:1")
        #expect(client.core.topology === before)
    }

    @Test func `a client that was shut down takes no servers`() async throws {
        let client = try Self.client("a:1")
        await client.shutdown()
        let error = #expect(throws: MemcachedError.self) { try client.update(servers: "b:1") }
        #expect(error?.code == .clientShutDown)
    }

    @Test func `updates from many tasks leave one of their lists`() async throws {
        let client = try Self.client("a:1")
        await withTaskGroup(of: Void.self) { group in
            for number in 1...20 {
                group.addTask { try? client.update(servers: "a:1,b:\(number)") }
                group.addTask { for key in Self.keys.prefix(50) { _ = client.server(of: key) } }
            }
        }
        #expect(client.servers.count == 2)
        #expect(client.servers.first?.label == "a:1")
    }
}
