import CAllocationCount
import NIOCore
import Testing

@testable import Memcached

/// The client's own way from a key to its server allocates nothing either, a thousand servers or not.
///
/// Loops count by hand, because where nothing is optimised an iterator allocates.
@Suite(.enabled(if: allocation_count_is_kept(), "a sanitizer, or another C library, has its own allocator"))
struct LookupAllocationTests {
    private func client(_ policy: MemcachedConfiguration.Failures.Policy) throws -> MemcachedClient {
        var configuration = MemcachedConfiguration(
            servers: (0..<1_000).map { .tcp("10.\($0 / 250).\($0 % 250).1", port: UInt16(11_211 + $0 % 3)) }
        )
        configuration.failures.policy = policy
        configuration.namespace = "app:"
        // Nothing is connected; lanes for loops would only take memory.
        configuration.pool.connectionsPerLoop = 0
        return try MemcachedClient(configuration)
    }

    /// How often `body` allocates, called for the second time: on first use the runtime prepares types.
    private func allocations(in body: () throws -> Void) rethrows -> UInt64 {
        try body()
        let before = allocation_count()
        try body()
        return allocation_count() - before
    }

    @Test func `the server of a key is told without an allocation`() throws {
        let client = try client(.keep)
        let keys = (0..<500).map { MemcachedKey("a key that lies on the heap and not in the value itself, \($0)") }
        var found: Set<MemcachedServer> = []
        found.reserveCapacity(2_000)
        let count = allocations {
            var number = 0
            while number < keys.count {
                found.insert(client.server(of: keys[number]))
                found.insert(client.server(of: keys[number], routedBy: keys[0]))
                number += 1
            }
        }
        #expect(count == 0)
        #expect(found.count > 300)
    }

    @Test(arguments: MemcachedConfiguration.Failures.Policy.allCases)
    func `an operation finds its server without an allocation`(policy: MemcachedConfiguration.Failures.Policy) throws {
        let client = try client(policy)
        let keys = (0..<500).map { MemcachedKey("a key that lies on the heap and not in the value itself, \($0)") }
        var sum = 0
        let count = try allocations {
            var number = 0
            while number < keys.count {
                let search = Search(client.core.topology, deadline: .distantFuture)
                let key = client.core.placed(keys[number], routedBy: nil)
                sum += try search.turn(for: .key(key), isRead: true).index
                number += 1
            }
        }
        #expect(count == 0)
        #expect(sum > 0)
    }
}
