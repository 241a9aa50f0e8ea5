import MemcachedWire
import Testing

@testable import Memcached

/// A quiet batch: silence is an answer, and only the closing NOOP ends it.
@Suite struct InFlightQueueQuietTests {
    var queue = InFlightQueue<Int>(firstOpaque: 10)

    init() {
        _ = queue.add(.quiet([.getQuiet, .getKeyQuiet, .setQuiet]), 1)
        _ = queue.add(.one(.get), 2)
    }

    @Test mutating func `every request may be answered`() {
        #expect(queue.answer(.getQuiet, 10) == QueueAnswer(1, index: 0, last: false))
        #expect(queue.answer(.getKeyQuiet, 11) == QueueAnswer(1, index: 1, last: false))
        #expect(queue.answer(.setQuiet, 12, status: .tooLarge) == QueueAnswer(1, index: 2, last: false))
        #expect(queue.answer(.noop, 13) == QueueAnswer(1, index: 3))
        #expect(queue.answer(.get, 14) == QueueAnswer(2))
    }

    @Test mutating func `the NOOP completes what stayed silent`() {
        #expect(queue.answer(.noop, 13) == QueueAnswer(1, index: 3))
        #expect(queue.answer(.get, 14) == QueueAnswer(2))
    }

    @Test mutating func `some may be silent`() {
        #expect(queue.answer(.getKeyQuiet, 11) == QueueAnswer(1, index: 1, last: false))
        #expect(queue.answer(.noop, 13) == QueueAnswer(1, index: 3))
    }

    @Test mutating func `an answer out of order is a violation`() {
        #expect(queue.answer(.getKeyQuiet, 11) == QueueAnswer(1, index: 1, last: false))
        #expect(queue.answer(.getQuiet, 10) == nil)
    }

    @Test mutating func `a second answer to the same request is a violation`() {
        #expect(queue.answer(.getQuiet, 10) == QueueAnswer(1, index: 0, last: false))
        #expect(queue.answer(.getQuiet, 10) == nil)
    }

    @Test mutating func `the answer to a neighbour does not end the batch`() {
        #expect(queue.answer(.get, 14) == nil)
        #expect(queue.answer(.get, 9) == nil)
        #expect(queue.answer(.noop, 14) == nil)
        #expect(queue.answer(.noop, 13) == QueueAnswer(1, index: 3))
    }

    @Test mutating func `each request is answered by its own opcode only`() {
        #expect(queue.answer(.get, 10) == nil)
        #expect(queue.answer(.getQuiet, 11) == nil)
        #expect(queue.answer(.noop, 12) == nil)
        #expect(queue.answer(.setQuiet, 13) == nil)
    }

    @Test mutating func `a second NOOP is a violation`() {
        #expect(queue.answer(.noop, 13) == QueueAnswer(1, index: 3))
        #expect(queue.answer(.noop, 13) == nil)
    }

    @Test func `a batch of nothing is its NOOP`() {
        var queue = InFlightQueue<Int>(firstOpaque: 10)
        _ = queue.add(.quiet([]), 1)
        #expect(queue.requestCount == 1)
        #expect(queue.answer(.noop, 10) == QueueAnswer(1, index: 0))
        #expect(queue.requestCount == 0)
    }
}
