import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// The way of an operation through the servers; nothing here connects.
@Suite struct SearchTests {
    private static let deadline = NIODeadline.now() + .hours(1)

    private static func topology(
        _ servers: String,
        _ change: (inout MemcachedConfiguration) -> Void = { _ in }
    ) throws -> Topology {
        var configuration = try MemcachedConfiguration(servers: servers)
        change(&configuration)
        return try ClientCore(configuration: configuration).topology
    }

    private static func failure(
        _ outcome: MemcachedError.Outcome = .notSent,
        _ code: MemcachedError.Code = .connectionFailed
    ) -> MemcachedError {
        MemcachedError(code, "x", outcome: outcome)
    }

    @Test func `a read has half of its time at the first of equivalent servers, and the rest at the last`() throws {
        let topology = try Self.topology("a:1,b:1") { $0.placement = .equivalent }
        var search = Search(topology, deadline: Self.deadline)
        let first = try search.turn(for: .key("key"), isRead: true)
        #expect(first.isShortened)
        #expect(first.deadline < Self.deadline)
        #expect(search.goesOn(after: Self.failure(.unknown), at: first, isRead: true))
        search.pass([first], Self.failure(.unknown), present: topology)
        let second = try search.turn(for: .key("key"), isRead: true)
        #expect(second.index != first.index)
        #expect(!second.isShortened)
        #expect(second.deadline == Self.deadline)
        search.pass([second], Self.failure(), present: topology)
        let error = #expect(throws: MemcachedError.self) { try search.turn(for: .key("key"), isRead: true) }
        #expect(error?.code == .connectionFailed)
    }

    @Test func `a write has all of its time, and goes on only when it was not sent`() throws {
        let topology = try Self.topology("a:1,b:1") { $0.placement = .equivalent }
        let search = Search(topology, deadline: Self.deadline)
        let turn = try search.turn(for: .key("key"), isRead: false)
        #expect(turn.deadline == Self.deadline)
        #expect(search.goesOn(after: Self.failure(), at: turn, isRead: false))
        #expect(!search.goesOn(after: Self.failure(.unknown), at: turn, isRead: false))
    }

    @Test(arguments: MemcachedConfiguration.Failures.Policy.allCases)
    func `a server that is up has all of the time, and keeps its keys`(
        policy: MemcachedConfiguration.Failures.Policy
    ) throws {
        let topology = try Self.topology("a:1,b:1") { $0.failures.policy = policy }
        let search = Search(topology, deadline: Self.deadline)
        let turn = try search.turn(for: .key("key"), isRead: true)
        #expect(turn.deadline == Self.deadline)
        #expect(topology.members[turn.index].server == topology.member(of: "key").server)
        #expect(!search.goesOn(after: Self.failure(), at: turn, isRead: true))
    }

    @Test(arguments: MemcachedConfiguration.Failures.Policy.allCases)
    func `with two tries a key's server is asked twice, and no other while it is not down`(
        policy: MemcachedConfiguration.Failures.Policy
    ) throws {
        let topology = try Self.topology("a:1,b:1,c:1") {
            $0.failures.policy = policy
            $0.tries = 2
        }
        var search = Search(topology, deadline: Self.deadline)
        let first = try search.turn(for: .key("key"), isRead: true)
        #expect(first.index == topology.index(of: "key"))
        #expect(first.isShortened)
        #expect(search.goesOn(after: Self.failure(.unknown), at: first, isRead: true))
        search.pass([first], Self.failure(.unknown), present: topology)
        let second = try search.turn(for: .key("key"), isRead: true)
        #expect(second.index == first.index)
        #expect(!second.isShortened)
        #expect(second.deadline == Self.deadline)
        #expect(!search.goesOn(after: Self.failure(.unknown), at: second, isRead: true))
    }

    @Test func `with tries left a write has all of its time, and goes on only when it was not sent`() throws {
        let topology = try Self.topology("a:1,b:1") { $0.tries = 3 }
        let search = Search(topology, deadline: Self.deadline)
        let turn = try search.turn(for: .key("key"), isRead: false)
        #expect(turn.deadline == Self.deadline)
        #expect(search.goesOn(after: Self.failure(), at: turn, isRead: false))
        #expect(!search.goesOn(after: Self.failure(.unknown), at: turn, isRead: false))
        #expect(!search.goesOn(after: Self.failure(.notSent, .authenticationRefused), at: turn, isRead: true))
    }

    @Test func `tries go to every equivalent server before they come back to one`() throws {
        let topology = try Self.topology("a:1,b:1,c:1") {
            $0.placement = .equivalent
            $0.tries = 4
        }
        var search = Search(topology, deadline: Self.deadline)
        var indices: [Int] = []
        for number in 1...4 {
            let turn = try search.turn(for: .key("key"), isRead: true)
            #expect(turn.isShortened == (number < 4))
            #expect(search.goesOn(after: Self.failure(.unknown), at: turn, isRead: true) == (number < 4))
            indices.append(turn.index)
            // Only who comes back to a server that failed a moment ago rests before.
            search.pass([turn], Self.failure(.unknown), present: topology)
            #expect((search.pause() != nil) == (number >= 3))
        }
        #expect(Set(indices.prefix(3)) == [0, 1, 2])
    }

    @Test func `one try is one`() throws {
        for placement in MemcachedConfiguration.Placement.allCases {
            let topology = try Self.topology("a:1,b:1") {
                $0.placement = placement
                $0.tries = 1
            }
            let search = Search(topology, deadline: Self.deadline)
            let turn = try search.turn(for: .key("key"), isRead: true)
            #expect(turn.deadline == Self.deadline)
            #expect(!search.goesOn(after: Self.failure(), at: turn, isRead: true))
        }
    }

    @Test func `a pause is short, within what is left, and none follows a wait`() throws {
        let topology = try Self.topology("a:1") { $0.tries = 16 }
        let cases: [(TimeAmount, Duration)] = [
            (.hours(1), .milliseconds(200)), (.milliseconds(40), .milliseconds(10)),
        ]
        for (left, longest) in cases {
            var search = Search(topology, deadline: .now() + left)
            #expect(search.pause() == nil)
            let turn = try search.turn(for: .key("key"), isRead: true)
            search.pass([turn], Self.failure(), present: topology)
            let pause = try #require(search.pause())
            #expect(pause >= .zero && pause <= longest)
            search.pass([turn], Self.failure(.unknown, .timeout), present: topology)
            #expect(search.pause() == nil)
        }
    }

    @Test func `nothing goes on after its deadline`() throws {
        let topology = try Self.topology("a:1,b:1") { $0.placement = .equivalent }
        let search = Search(topology, deadline: .now() - .seconds(1))
        let turn = try search.turn(for: .key("key"), isRead: true)
        #expect(!search.goesOn(after: Self.failure(), at: turn, isRead: true))
    }

    @Test func `a server that was named is taken, and another index means the key's own`() throws {
        let topology = try Self.topology("a:1,b:1,c:1") { $0.failures.policy = .failover }
        let search = Search(topology, deadline: Self.deadline)
        for index in 0..<3 {
            #expect(try search.turn(for: .server(index, otherwise: "key"), isRead: true).index == index)
        }
        for index in [-1, 3, .max] {
            let turn = try search.turn(for: .server(index, otherwise: "key"), isRead: true)
            #expect(turn.index == topology.index(of: "key"))
        }
    }

    @Test func `a batch is cut by servers and keeps its order there`() throws {
        let topology = try Self.topology("a:1,b:1,c:1")
        var plan = BatchPlan(.getQuiet)
        for number in 0..<100 { plan.append("key:\(number)") }
        let all = Array(plan.keys.indices)
        let search = Search(topology, deadline: Self.deadline)
        let shares = BatchAssignment(of: all, in: plan, by: search).shares
        #expect(shares.count == 3)
        for share in shares {
            #expect(share.positions == all.filter { topology.index(of: plan.keys[$0]) == share.turn.index })
        }
        var together = BatchPlan(.getQuiet, group: "group")
        for key in plan.keys { together.append(key) }
        let group = BatchAssignment(of: all, in: together, by: search).shares
        #expect(group.map(\.positions) == [all])
        #expect(group.map(\.turn.index) == [topology.index(of: "group")])
        let doors = try Self.topology("a:1,b:1,c:1") { $0.placement = .equivalent }
        let whole = BatchAssignment(of: all, in: plan, by: Search(doors, deadline: Self.deadline))
        #expect(whole.shares.map(\.positions) == [all])
        #expect(whole.refused.isEmpty)
    }
}
