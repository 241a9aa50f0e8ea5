import Testing

@testable import Memcached

/// Servers that all have the same: the better of two, and any of those that are left.
@Suite struct EquivalentServersTests {
    let steps: RouterSteps
    let servers = ScriptedConditions()

    init() throws {
        steps = try RouterSteps(.equivalent)
    }

    @Test func `of two servers the one with less to do is taken`() {
        servers.loads = [0: 5, 1: 3, 2: 0, 3: 9]
        // The first is drawn by its index, the second by its distance from there less one.
        servers.numbers = [0, 0]
        #expect(steps.server("key", servers) == 1)
        servers.numbers = [3, 2]
        #expect(steps.server("key", servers) == 2)
        servers.numbers = [3, 0]
        #expect(steps.server("key", servers) == 0)
        #expect(servers.asked == [0, 1, 3, 2, 3, 0])
    }

    @Test func `each draw is of two servers, whatever the numbers`() {
        for first in 0..<4 {
            for second in 0..<3 {
                let servers = ScriptedConditions()
                servers.numbers = [first, second]
                #expect(steps.server("key", servers) != nil)
                #expect(Set(servers.asked).count == 2)
            }
        }
    }

    @Test func `a server that is down is not taken, however little it has to do`() {
        servers.loads = [0: 0, 1: 100, 2: 100, 3: 100]
        servers.down = [0]
        for number in 0..<12 {
            servers.numbers = [number, number / 4]
            #expect(steps.server("key", servers) != 0)
        }
    }

    @Test func `when both of the two are down the others are looked at`() {
        servers.numbers = [0, 0]
        servers.down = [0, 1]
        #expect(steps.server("key", servers) == 2)
        servers.down = [0, 1, 2]
        #expect(steps.server("key", servers) == 3)
        servers.down = [0, 1, 2, 3]
        #expect(steps.refusal("key", servers)?.code == .serverDown)
    }

    @Test func `one that may be tried again comes first`() {
        servers.numbers = [0, 0]
        servers.due = [1]
        #expect(steps.isProbe("key", servers))
    }

    @Test func `a server that failed is passed over`() {
        for number in 0..<12 {
            servers.numbers = [number, number / 4]
            #expect(steps.server("key", passing: [0, 1, 2], servers) == 3)
            #expect(steps.server("key", passing: [0, 1, 2, 3], servers) == nil)
        }
    }

    @Test func `one server alone is enough`() throws {
        let alone = try RouterSteps(.equivalent, servers: Array(RouterSteps.servers.prefix(1)))
        #expect(alone.server("key", servers) == 0)
        #expect(servers.asked == [0])
    }
}
