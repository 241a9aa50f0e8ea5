import Testing

@testable import RoundRobinFront

struct RoundRobinTests {
    @Test func `each one has its turn, and then the first again`() {
        var turns = RoundRobin(count: 3)
        let order = (0..<7).map { _ in turns.next(excluding: []) }
        #expect(order == [0, 1, 2, 0, 1, 2, 0])
    }

    @Test func `one that was tried is passed over`() {
        var turns = RoundRobin(count: 3)
        #expect(turns.next(excluding: []) == 0)
        #expect(turns.next(excluding: [1]) == 2)
    }

    @Test func `behind one that was passed over the rotation goes on`() {
        var turns = RoundRobin(count: 4)
        #expect(turns.next(excluding: [0]) == 1)
        #expect(turns.next(excluding: []) == 2)
        #expect(turns.next(excluding: []) == 3)
        #expect(turns.next(excluding: []) == 0)
    }

    @Test func `when all were tried there is none`() {
        var turns = RoundRobin(count: 2)
        #expect(turns.next(excluding: [0, 1]) == nil)
        #expect(turns.next(excluding: []) == 0)
    }

    @Test(arguments: [0, -1]) func `of nobody there is none`(count: Int) {
        var turns = RoundRobin(count: count)
        #expect(turns.next(excluding: []) == nil)
    }
}
