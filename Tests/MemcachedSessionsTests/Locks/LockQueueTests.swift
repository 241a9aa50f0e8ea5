import Testing

@testable import MemcachedSessions

@Suite struct LockQueueTests {
    static let start = ContinuousClock.now
    static let later = start + .seconds(10)

    static func id(_ number: Int) throws -> SessionID {
        let digits = String(number)
        return try #require(SessionID(String(repeating: "0", count: 32 - digits.count) + digits, prefix: ""))
    }

    @Test func `the first one goes and the others follow in the order in which they came`() throws {
        var queue = LockQueue<Int>(maximumWaiters: 8)
        let id = try Self.id(1)
        #expect(queue.enter(id, ticket: 1, deadline: Self.later, waiter: 1) == .go)
        for number in 2...5 {
            #expect(queue.enter(id, ticket: UInt64(number), deadline: Self.later, waiter: number) == .wait)
        }
        for number in 2...5 { #expect(queue.leave(id) == number) }
        #expect(queue.leave(id) == nil)
        #expect(queue.isEmpty)
        #expect(queue.enter(id, ticket: 6, deadline: Self.later, waiter: 6) == .go)
    }

    @Test func `sessions do not wait for one another`() throws {
        var queue = LockQueue<Int>(maximumWaiters: 8)
        #expect(queue.enter(try Self.id(1), ticket: 1, deadline: Self.later, waiter: 1) == .go)
        #expect(queue.enter(try Self.id(2), ticket: 2, deadline: Self.later, waiter: 2) == .go)
        #expect(queue.leave(try Self.id(1)) == nil)
        #expect(!queue.isEmpty)
    }

    @Test func `the number of waiters is bounded`() throws {
        var queue = LockQueue<Int>(maximumWaiters: 2)
        let id = try Self.id(1)
        #expect(queue.enter(id, ticket: 1, deadline: Self.later, waiter: 1) == .go)
        #expect(queue.enter(id, ticket: 2, deadline: Self.later, waiter: 2) == .wait)
        #expect(queue.enter(id, ticket: 3, deadline: Self.later, waiter: 3) == .wait)
        #expect(queue.enter(id, ticket: 4, deadline: Self.later, waiter: 4) == .full)
        #expect(queue.leave(id) == 2)
        #expect(queue.enter(id, ticket: 5, deadline: Self.later, waiter: 5) == .wait)
    }

    @Test func `who is cancelled is told once and skipped`() throws {
        var queue = LockQueue<Int>(maximumWaiters: 8)
        let id = try Self.id(1)
        _ = queue.enter(id, ticket: 1, deadline: Self.later, waiter: 1)
        _ = queue.enter(id, ticket: 2, deadline: Self.later, waiter: 2)
        _ = queue.enter(id, ticket: 3, deadline: Self.later, waiter: 3)
        #expect(queue.cancel(id, ticket: 2) == 2)
        #expect(queue.cancel(id, ticket: 2) == nil)
        #expect(queue.cancel(id, ticket: 1) == nil)
        #expect(queue.cancel(try Self.id(2), ticket: 3) == nil)
        #expect(queue.leave(id) == 3)
    }

    @Test func `who has waited for too long is told, and the next deadline is known`() throws {
        var queue = LockQueue<Int>(maximumWaiters: 8)
        let id = try Self.id(1)
        _ = queue.enter(id, ticket: 1, deadline: Self.start, waiter: 1)
        _ = queue.enter(id, ticket: 2, deadline: Self.start + .seconds(1), waiter: 2)
        _ = queue.enter(id, ticket: 3, deadline: Self.start + .seconds(3), waiter: 3)
        let (none, first) = queue.expire(at: Self.start)
        #expect(none == [])
        #expect(first == Self.start + .seconds(1))
        let (expired, next) = queue.expire(at: Self.start + .seconds(2))
        #expect(expired == [2])
        #expect(next == Self.start + .seconds(3))
        #expect(queue.leave(id) == 3)
    }

    @Test(arguments: 0..<20)
    func `under random events everybody is told exactly once and one at a time goes`(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        var queue = LockQueue<Int>(maximumWaiters: 4)
        let ids = try (0..<3).map(Self.id)
        var busy: [SessionID: Int] = [:]
        var waiting: [SessionID: [Int]] = [:]
        var now = Self.start
        for number in 1...2_000 {
            let id = ids[Int.random(in: 0..<3, using: &random)]
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let deadline = now + .milliseconds(Int.random(in: 1...50, using: &random))
                switch queue.enter(id, ticket: UInt64(number), deadline: deadline, waiter: number) {
                case .go:
                    #expect(busy[id] == nil)
                    busy[id] = number
                case .wait:
                    #expect(busy[id] != nil)
                    waiting[id, default: []].append(number)
                case .full:
                    #expect(waiting[id]?.count == 4)
                }
            case 2:
                guard busy[id] != nil else { continue }
                busy[id] = queue.leave(id)
                #expect(busy[id] == waiting[id]?.first)
                if busy[id] != nil { waiting[id]?.removeFirst() }
            case 3:
                guard let ticket = waiting[id]?.randomElement(using: &random) else { continue }
                #expect(queue.cancel(id, ticket: UInt64(ticket)) == ticket)
                waiting[id]?.removeAll { $0 == ticket }
            default:
                now += .milliseconds(5)
                for ticket in queue.expire(at: now).expired {
                    let line = try #require(waiting.first { $0.value.contains(ticket) }?.key)
                    waiting[line]?.removeAll { $0 == ticket }
                }
            }
        }
        for id in ids where busy[id] != nil {
            while let next = queue.leave(id) { #expect(waiting[id]?.removeFirst() == next) }
            #expect(waiting[id] ?? [] == [])
        }
        #expect(queue.isEmpty)
    }
}

/// A small generator with a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
