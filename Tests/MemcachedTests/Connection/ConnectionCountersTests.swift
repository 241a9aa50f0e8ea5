import Testing

@testable import Memcached

@Suite struct ConnectionCountersTests {
    @Test func `counters add up one by one`() {
        var total = ConnectionCounters()
        var other = ConnectionCounters()
        other.tombstones = 1
        other.lateResponsesDropped = 2
        other.poisoned = 3
        other.connections = 4
        other.failedConnections = 5
        other.timeouts = 6
        total += other
        #expect(total == other)
        total += other
        #expect(total.tombstones == 2)
        #expect(total.lateResponsesDropped == 4)
        #expect(total.poisoned == 6)
        #expect(total.connections == 8)
        #expect(total.failedConnections == 10)
        #expect(total.timeouts == 12)
    }
}
