import MemcachedWire
import Testing

@testable import Memcached

@Suite struct InFlightQueueTests {
    var queue = InFlightQueue<Int>(firstOpaque: 100)

    @Test mutating func `requests are answered in the order they were made`() {
        _ = queue.add(.one(.get), 1)
        _ = queue.add(.one(.set), 2)
        _ = queue.add(.one(.get), 3)
        #expect(queue.answer(.get, 100) == QueueAnswer(1))
        #expect(queue.answer(.set, 101, status: .outOfMemory) == QueueAnswer(2))
        #expect(queue.answer(.get, 102, status: .notFound) == QueueAnswer(3))
        #expect(queue.isEmpty)
    }

    @Test mutating func `a response that nobody asked for is a violation`() {
        #expect(queue.answer(.get, 100) == nil)
        _ = queue.add(.one(.get), 1)
        #expect(queue.answer(.get, 100) == QueueAnswer(1))
        #expect(queue.answer(.get, 100) == nil)
    }

    @Test(arguments: [UInt32(99), 101, 102, 0, .max])
    mutating func `an opaque that is not the oldest request's is a violation`(opaque: UInt32) {
        _ = queue.add(.one(.get), 1)
        _ = queue.add(.one(.get), 2)
        #expect(queue.answer(.get, opaque) == nil)
    }

    @Test(arguments: [Opcode.getQuiet, .getKey, .set, .noop, Opcode(rawValue: 0xFF)])
    mutating func `another opcode than the request's is a violation, its quiet twin included`(opcode: Opcode) {
        _ = queue.add(.one(.get), 1)
        #expect(queue.answer(opcode, 100) == nil)
    }

    @Test mutating func `a violation changes nothing`() {
        _ = queue.add(.quiet([.getQuiet, .getQuiet]), 1, bytes: 60)
        #expect(queue.answer(.getQuiet, 101) == QueueAnswer(1, index: 1, last: false))
        #expect(queue.answer(.getQuiet, 100) == nil)
        #expect(queue.answer(.noop, 101) == nil)
        #expect(queue.answer(.getQuiet, 102) == nil)
        #expect(queue.requestCount == 3)
        #expect(queue.byteCount == 60)
        #expect(queue.answer(.noop, 102) == QueueAnswer(1, index: 2))
    }

    @Test mutating func `several STAT responses end with the empty one`() {
        _ = queue.add(.statistics, 1)
        _ = queue.add(.one(.noop), 2)
        #expect(queue.match(.stat(100, name: 3, value: 5)).answer == QueueAnswer(1, last: false))
        #expect(queue.match(.stat(100, name: 3)).answer == QueueAnswer(1, last: false))
        #expect(queue.match(.stat(100, value: 5)).answer == QueueAnswer(1, last: false))
        #expect(queue.match(.stat(100)).answer == QueueAnswer(1))
        #expect(queue.answer(.noop, 101) == QueueAnswer(2))
    }

    @Test mutating func `an error ends STAT`() {
        _ = queue.add(.statistics, 1)
        #expect(queue.match(.stat(100, value: 9, status: .notFound)).answer == QueueAnswer(1))
        #expect(queue.isEmpty)
    }

    @Test mutating func `STAT is answered by nothing else`() {
        _ = queue.add(.statistics, 1)
        _ = queue.add(.one(.get), 2)
        #expect(queue.answer(.noop, 100) == nil)
        #expect(queue.match(.stat(101)).answer == nil)
        #expect(queue.answer(.get, 101) == nil)
    }

    @Test mutating func `a sequence is answered one by one`() {
        _ = queue.add(.sequence([.add, .getKey, .delete]), 1)
        #expect(queue.answer(.add, 100, status: .exists) == QueueAnswer(1, index: 0, last: false))
        #expect(queue.answer(.getKey, 101) == QueueAnswer(1, index: 1, last: false))
        #expect(queue.answer(.delete, 102, status: .notFound) == QueueAnswer(1, index: 2))
        #expect(queue.isEmpty)
    }

    @Test mutating func `a sequence is answered in order, each request once, by its own opcode`() {
        _ = queue.add(.sequence([.add, .add]), 1)
        _ = queue.add(.one(.add), 2)
        #expect(queue.answer(.add, 101) == nil)
        #expect(queue.answer(.getKey, 100) == nil)
        #expect(queue.answer(.add, 100) == QueueAnswer(1, index: 0, last: false))
        #expect(queue.answer(.add, 100) == nil)
        #expect(queue.answer(.add, 102) == nil)
        #expect(queue.answer(.delete, 101) == nil)
        #expect(queue.answer(.add, 101) == QueueAnswer(1, index: 1))
        #expect(queue.answer(.add, 102) == QueueAnswer(2))
    }

    @Test mutating func `requests and bytes are counted until their entry is complete`() {
        _ = queue.add(.one(.get), 1, bytes: 30)
        _ = queue.add(.quiet([.getQuiet, .getQuiet]), 2, bytes: 100)
        _ = queue.add(.sequence([.add, .delete]), 3, bytes: 7)
        #expect(queue.requestCount == 6)
        #expect(queue.byteCount == 137)
        _ = queue.answer(.get, 100)
        #expect(queue.requestCount == 5)
        #expect(queue.byteCount == 107)
        _ = queue.answer(.getQuiet, 101)
        #expect(queue.requestCount == 5)
        _ = queue.answer(.noop, 103)
        #expect(queue.requestCount == 2)
        #expect(queue.byteCount == 7)
        _ = queue.answer(.add, 104)
        _ = queue.answer(.delete, 105)
        #expect(queue.requestCount == 0)
        #expect(queue.byteCount == 0)
    }

    @Test(arguments: (0...6).map { UInt32.max - UInt32($0) })
    func `opaques go on at zero after the largest`(first: UInt32) {
        var queue = InFlightQueue<Int>(firstOpaque: first)
        _ = queue.add(.one(.get), 1)
        _ = queue.add(.quiet([.getQuiet, .getQuiet]), 2)
        _ = queue.add(.sequence([.add, .delete]), 3)
        #expect(queue.upcomingOpaque == first &+ 6)
        #expect(queue.answer(.get, first) == QueueAnswer(1))
        #expect(queue.answer(.getQuiet, first &+ 2) == QueueAnswer(2, index: 1, last: false))
        #expect(queue.answer(.getQuiet, first &+ 1) == nil)
        #expect(queue.answer(.noop, first &+ 3) == QueueAnswer(2, index: 2))
        #expect(queue.answer(.delete, first &+ 5) == nil)
        #expect(queue.answer(.add, first &+ 4) == QueueAnswer(3, index: 0, last: false))
        #expect(queue.answer(.delete, first &+ 5) == QueueAnswer(3, index: 1))
    }

    @Test mutating func `the end tells all who wait, oldest first, and empties the queue`() {
        let first = queue.add(.one(.get), 1)
        let second = queue.add(.one(.get), 2)
        let third = queue.add(.quiet([.getQuiet]), 3)
        _ = queue.abandon(ticket: second)
        let waiting = queue.removeAll()
        #expect(waiting.map(\.sink) == [1, 3])
        #expect(waiting.map(\.ticket) == [first, third])
        #expect(queue.isEmpty)
        #expect(queue.requestCount == 0)
        #expect(queue.byteCount == 0)
        #expect(queue.removeAll().isEmpty)
        #expect(queue.answer(.get, 100) == nil)
        #expect(queue.abandon(ticket: third) == nil)
    }
}
