import MemcachedWire
import Testing

@testable import Memcached

/// Callers who leave before their answer came.
@Suite struct InFlightQueueTombstoneTests {
    var queue = InFlightQueue<Int>(firstOpaque: 50)

    @Test mutating func `who gives up is told once, and the late answer is for nobody`() {
        let ticket = queue.add(.one(.get), 1)
        _ = queue.add(.one(.get), 2)
        #expect(queue.abandon(ticket: ticket) == 1)
        #expect(queue.abandon(ticket: ticket) == nil)
        #expect(queue.requestCount == 2)
        #expect(queue.answer(.get, 50) == QueueAnswer(nil, late: true))
        #expect(queue.answer(.get, 51) == QueueAnswer(2))
    }

    @Test mutating func `a tombstone's answer has to fit as any other`() {
        let ticket = queue.add(.one(.get), 1)
        _ = queue.add(.one(.get), 2)
        _ = queue.abandon(ticket: ticket)
        #expect(queue.answer(.get, 51) == nil)
        #expect(queue.answer(.set, 50) == nil)
    }

    @Test mutating func `giving up after the answer changes nothing`() {
        let first = queue.add(.one(.get), 1)
        let second = queue.add(.one(.get), 2)
        _ = queue.answer(.get, 50)
        #expect(queue.abandon(ticket: first) == nil)
        #expect(queue.oldest?.isTombstone == false)
        #expect(queue.abandon(ticket: second) == 2)
    }

    @Test(arguments: [UInt64(0), 3, 4, .max])
    mutating func `a ticket that was never given out is for nobody`(ticket: UInt64) {
        _ = queue.add(.one(.get), 1)
        _ = queue.add(.one(.get), 2)
        #expect(queue.abandon(ticket: ticket) == nil)
        #expect(queue.answer(.get, 50) == QueueAnswer(1))
        #expect(queue.answer(.get, 51) == QueueAnswer(2))
    }

    @Test mutating func `an heir gets the late answer`() {
        let ticket = queue.add(.one(.add), 1, heir: 9)
        #expect(queue.abandon(ticket: ticket) == 1)
        #expect(queue.abandon(ticket: ticket) == nil)
        #expect(queue.answer(.add, 50) == QueueAnswer(9, late: true))
        #expect(queue.isEmpty)
    }

    @Test mutating func `an heir hears nothing of an answer in time`() {
        _ = queue.add(.one(.add), 1, heir: 9)
        #expect(queue.answer(.add, 50) == QueueAnswer(1))
    }

    @Test mutating func `an heir is not told of the end`() {
        let ticket = queue.add(.one(.add), 1, heir: 9)
        _ = queue.add(.one(.add), 2, heir: 8)
        _ = queue.abandon(ticket: ticket)
        #expect(queue.removeAll().map(\.sink) == [2])
    }

    @Test mutating func `heirs that are told of nothing are handed out, to be let go of outside the lock`() {
        _ = queue.add(.one(.add), 1, heir: 9)
        #expect(queue.takeSpent().isEmpty)
        _ = queue.answer(.add, 50)
        #expect(queue.takeSpent() == [9])
        #expect(queue.takeSpent().isEmpty)
        // Of a tombstone the heir is who gets the answer.
        let ticket = queue.add(.one(.add), 2, heir: 8)
        _ = queue.abandon(ticket: ticket)
        #expect(queue.answer(.add, 51) == QueueAnswer(8, late: true))
        #expect(queue.takeSpent().isEmpty)
        let last = queue.add(.one(.add), 3, heir: 7)
        _ = queue.add(.one(.add), 4, heir: 6)
        _ = queue.add(.one(.add), 5)
        _ = queue.abandon(ticket: last)
        #expect(queue.removeAll().map(\.sink) == [4, 5])
        #expect(queue.takeSpent() == [7, 6])
    }

    @Test mutating func `a sequence given up in its middle goes on for its heir`() {
        let ticket = queue.add(.sequence([.add, .getKey, .delete]), 1, heir: 9)
        #expect(queue.answer(.add, 50) == QueueAnswer(1, index: 0, last: false))
        #expect(queue.abandon(ticket: ticket) == 1)
        #expect(queue.answer(.getKey, 51) == QueueAnswer(9, index: 1, last: false, late: true))
        #expect(queue.abandon(ticket: ticket) == nil)
        #expect(queue.answer(.delete, 52) == QueueAnswer(9, index: 2, late: true))
    }

    @Test mutating func `a quiet batch given up is dropped to its NOOP`() {
        let ticket = queue.add(.quiet([.getQuiet, .getQuiet, .getQuiet]), 1, bytes: 99)
        #expect(queue.answer(.getQuiet, 50) == QueueAnswer(1, index: 0, last: false))
        #expect(queue.abandon(ticket: ticket) == 1)
        #expect(queue.answer(.getQuiet, 52) == QueueAnswer(nil, index: 2, last: false, late: true))
        #expect(queue.answer(.getQuiet, 51) == nil)
        #expect(queue.requestCount == 4)
        #expect(queue.byteCount == 99)
        #expect(queue.answer(.noop, 53) == QueueAnswer(nil, index: 3, late: true))
        #expect(queue.requestCount == 0)
        #expect(queue.byteCount == 0)
    }

    @Test mutating func `STAT given up is dropped to its end`() {
        let ticket = queue.add(.statistics, 1)
        _ = queue.match(.stat(50, name: 3, value: 1))
        #expect(queue.abandon(ticket: ticket) == 1)
        #expect(queue.match(.stat(50, name: 3, value: 1)).answer == QueueAnswer(nil, last: false, late: true))
        #expect(queue.match(.stat(50)).answer == QueueAnswer(nil, late: true))
        #expect(queue.isEmpty)
    }

    @Test mutating func `time makes tombstones of those whose deadline has come`() {
        let first = queue.add(.one(.get), 1, deadline: 30)
        _ = queue.add(.one(.get), 2, deadline: 10)
        _ = queue.add(.one(.get), 3, heir: 7, deadline: 20)
        _ = queue.add(.one(.get), 4, deadline: 40)
        #expect(queue.expire(at: .at(milliseconds: 9)).expired.isEmpty)

        let (expired, next) = queue.expire(at: .at(milliseconds: 20))
        #expect(expired.map(\.sink) == [2, 3])
        #expect(expired.map(\.ticket) == [first + 1, first + 2])
        #expect(next == .at(milliseconds: 30))
        #expect(queue.expire(at: .at(milliseconds: 20)).expired.isEmpty)

        #expect(queue.answer(.get, 50) == QueueAnswer(1))
        #expect(queue.answer(.get, 51) == QueueAnswer(nil, late: true))
        #expect(queue.answer(.get, 52) == QueueAnswer(7, late: true))
        #expect(queue.answer(.get, 53) == QueueAnswer(4))
    }

    @Test mutating func `tombstones have no deadline`() {
        let ticket = queue.add(.one(.get), 1, deadline: 10)
        _ = queue.abandon(ticket: ticket)
        let (expired, next) = queue.expire(at: .at(milliseconds: 5))
        #expect(expired.isEmpty)
        #expect(next == nil)
        #expect(queue.expire(at: .at(milliseconds: 10)).expired.isEmpty)
    }
}
