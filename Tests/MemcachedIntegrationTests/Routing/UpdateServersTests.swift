import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Servers are added and removed under load.
@Suite struct UpdateServersTests {
    private static let keys = (0..<200).map { MemcachedKey("key:\($0)") }
    private static let lists = [[0, 1], [0, 1, 2], [2, 0], [0, 1, 2, 3], [3], [1, 2, 3]]

    @Test func `no operation fails because of it, and none has another's value`() async throws {
        try await withMemcacheds(4) { group in
            let client = try MemcachedClient(group.configuration([0, 1]))
            let result = try await Load.run(on: client, keys: Self.keys) { load in
                for round in 0..<30 {
                    let before = load.present.reads
                    try client.update(servers: Self.lists[round % Self.lists.count].map { group.servers[$0] })
                    try await eventually("the load goes on") { load.present.reads > before + 200 }
                }
                try client.update(servers: [group.servers[2]])
            }
            print("\(result.reads) reads and \(result.writes) writes over 31 changes of servers")
            #expect(result.readErrors.isEmpty)
            #expect(result.writeErrors.isEmpty)
            #expect(result.wrongValues == 0)
            // Servers that left have no connection any more, the one that stayed has.
            for (index, process) in group.processes.enumerated() where index != 2 {
                try await eventually("server \(index) is let go") {
                    try await process.connectionCounts().current == 0
                }
            }
            try await client.set("last", to: "value")
            #expect(try await group.holds(2, "last"))
        }
    }

    @Test func `a server that stays keeps its connection`() async throws {
        try await withMemcacheds(2) { group in
            let client = try MemcachedClient(group.configuration([0]))
            try await client.set("key", to: "value")
            let before = try await group.processes[0].connectionCounts().opened
            try client.update(servers: group.servers)
            try client.update(servers: [group.servers[0]])
            for number in 0..<50 { try await client.set(MemcachedKey("key:\(number)"), to: "value") }
            #expect(try await group.processes[0].connectionCounts().opened == before)
        }
    }

    @Test func `an operation that waits at a server that leaves has its answer`() async throws {
        try await withMemcacheds(2) { group in
            let client = try MemcachedClient(group.configuration([0]))
            try await client.set("key", to: "value")
            try await group.processes[0].suspend()
            async let answer = client.get("key", as: String.self)
            // It has been sent, or is about to be: both have to end well.
            try await Task.sleep(for: .milliseconds(50))
            try client.update(servers: [group.servers[1]])
            #expect("\(client)" == "MemcachedClient(\(group.servers[1].label))")
            #expect(try await client.get("key") == nil)
            try group.processes[0].resume()
            #expect(try await answer == "value")
            try await eventually("the server is let go") {
                try await group.processes[0].connectionCounts().current == 0
            }
        }
    }
}
