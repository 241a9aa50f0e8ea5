import Memcached
import MemcachedTestSupport
import NIOCore
import Testing

/// Servers that are doors to the same data, one of them stalled and one killed.
///
/// What they hold does not matter here, only that operations end well; so they are memcacheds of their own.
@Suite struct EquivalentServersTests {
    private static let keys = (0..<100).map { MemcachedKey("key:\($0)") }

    private static func configuration(_ group: ServerGroup) -> MemcachedConfiguration {
        var configuration = group.configuration()
        configuration.placement = .equivalent
        return configuration
    }

    @Test func `every server takes its part, and a batch goes to one`() async throws {
        try await withMemcacheds(3) { group in
            let client = try MemcachedClient(Self.configuration(group))
            _ = try await Load.run(on: client, keys: Self.keys) { load in
                try await eventually("the load runs") { load.present.reads > 3_000 }
            }
            for process in group.processes { #expect(try await process.stat("cmd_get") > 100) }
            try await client.flush()
            _ = try await client.setMany(Dictionary(uniqueKeysWithValues: Self.keys.map { ($0, "value") }))
            var counts: [Int] = []
            for process in group.processes { counts.append(try await process.stat("curr_items")) }
            #expect(counts.sorted() == [0, 0, Self.keys.count])
        }
    }

    @Test func `with one killed nothing fails but what had been sent to it`() async throws {
        try await withMemcacheds(3) { group in
            let client = try MemcachedClient(Self.configuration(group))
            let result = try await Load.run(on: client, keys: Self.keys) { load in
                try await eventually("the load runs") { load.present.reads > 1_000 }
                await group.processes[0].kill()
                let before = load.present.reads
                try await eventually("the load goes on") { load.present.reads > before + 3_000 }
                try await group.processes[0].restart()
                try await eventually("the server takes its part again") {
                    try await group.processes[0].stat("cmd_get") > 100
                }
            }
            #expect(result.readErrors.isEmpty)
            #expect(result.wrongValues == 0)
            // A write whose answer was lost may have been carried out: it is not sent again.
            for error in result.writeErrors { #expect(error.code == .connectionLost && error.outcome == .unknown) }
            #expect(result.writeErrors.count <= 64)
        }
    }

    @Test func `with one stalled and one killed every read has its answer, and writes soon have too`() async throws {
        try await withMemcacheds(3) { group in
            var configuration = Self.configuration(group)
            // A read may have to pass two servers, with half of what is left of its time for each.
            configuration.timeouts.operation = .seconds(8)
            configuration.health.failureThreshold = 1
            let client = try MemcachedClient(configuration)
            let result = try await Load.run(on: client, keys: Self.keys) { load in
                try await eventually("the load runs") { load.present.reads > 1_000 }
                try await group.processes[0].suspend()
                await group.processes[1].kill()
                try await eventually("both are found down") {
                    let present = (0..<50).map { _ in client.placement(of: "key").presentServer }
                    return present.allSatisfy { $0 == group.servers[2] }
                }
                let (errors, writes) = (load.present.writeErrors.count, load.present.writes)
                try await eventually("the load goes on") { load.present.writes > writes + 2_000 }
                // Those that had been sent before are still to be counted.
                #expect(load.present.writeErrors.count <= errors + 64)
                try group.processes[0].resume()
                try await group.processes[1].restart()
                try await eventually("all take their part again") {
                    Set((0..<50).map { _ in client.placement(of: "key").presentServer }).count == 3
                }
            }
            print("\(result.reads) reads, \(result.writes) writes, \(result.writeErrors.count) without an answer")
            #expect(result.readErrors.isEmpty)
            #expect(result.wrongValues == 0)
            for error in result.writeErrors {
                #expect(error.code == .connectionLost || error.code == .timeout)
                #expect(error.outcome == .unknown)
            }
            #expect(result.writeErrors.count <= 192)
        }
    }

    @Test func `with all killed operations fail at once, and go on when one is back`() async throws {
        try await withMemcacheds(2) { group in
            let client = try MemcachedClient(Self.configuration(group))
            try await client.set("key", to: "value")
            for process in group.processes { await process.kill() }
            try await eventually("both are found down") {
                await failure { () async throws(MemcachedError) in try await client.get("key") }?.code == .serverDown
            }
            try await group.processes[1].restart()
            try await eventually("one is back") {
                await failure { () async throws(MemcachedError) in try await client.get("key") } == nil
            }
        }
    }
}
