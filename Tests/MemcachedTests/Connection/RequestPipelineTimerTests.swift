import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// One timer for all deadlines of a connection, and for its silence.
@Suite struct RequestPipelineTimerTests {
    var pipeline = RequestPipeline<Int>()

    @Test mutating func `the earliest deadline is armed`() {
        _ = pipeline.submit(1, deadline: 50)
        _ = pipeline.submit(2, deadline: 30)
        _ = pipeline.submit(3, deadline: 70)
        #expect(pipeline.service(isWritable: true).timer == .at(milliseconds: 30))
        #expect(pipeline.service(isWritable: true).timer == nil)
    }

    @Test mutating func `a later deadline leaves the timer alone, an earlier one moves it`() {
        _ = pipeline.submit(1, deadline: 50)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.submit(2, deadline: 50)
        _ = pipeline.submit(3, deadline: 60)
        #expect(pipeline.service(isWritable: true).timer == nil)
        _ = pipeline.submit(4, deadline: 40)
        #expect(pipeline.service(isWritable: true).timer == .at(milliseconds: 40))
    }

    @Test mutating func `an earlier deadline wakes although the channel is not writable`() {
        _ = pipeline.submit(1, deadline: 50)
        _ = pipeline.service(isWritable: false)
        #expect(pipeline.submit(2, deadline: 60).wake == false)
        #expect(pipeline.submit(3, deadline: 40).wake == true)
        #expect(pipeline.submit(4, deadline: 30).wake == false)
        #expect(pipeline.service(isWritable: false).timer == .at(milliseconds: 30))
    }

    @Test mutating func `those are told whose deadline has come, and the timer goes on`() {
        _ = pipeline.submit(1, deadline: 50)
        _ = pipeline.submit(2, deadline: 30)
        _ = pipeline.submit(3, deadline: 40)
        _ = pipeline.service(isWritable: true)
        let early = pipeline.tick(at: .at(milliseconds: 29))
        #expect(early.expired.isEmpty)
        #expect(early.timer == .at(milliseconds: 30))
        let tick = pipeline.tick(at: .at(milliseconds: 40))
        #expect(tick.expired == [2, 3])
        #expect(tick.timer == .at(milliseconds: 50))
        #expect(!tick.isStalled)
        #expect(pipeline.counters.tombstones == 2)
        #expect(pipeline.tick(at: .at(milliseconds: 50)).expired == [1])
    }

    @Test mutating func `with nothing in flight there is no timer, and the next request sets one`() {
        _ = pipeline.submit(1, deadline: 50)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.answer(1_000)
        let tick = pipeline.tick(at: .at(milliseconds: 50))
        #expect(tick.expired.isEmpty)
        #expect(tick.timer == nil)
        _ = pipeline.submit(2, at: 60, deadline: 90)
        #expect(pipeline.service(isWritable: true).timer == .at(milliseconds: 90))
    }

    @Test mutating func `a request that came while the timer fired is not forgotten`() {
        _ = pipeline.submit(1, deadline: 50)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.submit(2, deadline: 20)
        #expect(pipeline.tick(at: .at(milliseconds: 10)).timer == .at(milliseconds: 20))
        _ = pipeline.service(isWritable: true)
        #expect(pipeline.tick(at: .at(milliseconds: 20)).expired == [2])
    }

    /// Twice the time that the oldest request had, at least a second.
    @Test(arguments: [(1, 1_000), (100, 1_000), (500, 1_000), (501, 1_002), (1_000, 2_000), (60_000, 120_000)])
    func `a silent server is given up after twice the timeout and at least a second`(timeout: Int, patience: Int) {
        var pipeline = RequestPipeline<Int>()
        _ = pipeline.submit(1, at: 10, deadline: 10 + timeout)
        _ = pipeline.service(isWritable: true)
        let tick = pipeline.tick(at: .at(milliseconds: 10 + timeout))
        #expect(tick.expired == [1])
        #expect(!tick.isStalled)
        #expect(tick.timer == .at(milliseconds: 10 + patience))
        #expect(!pipeline.tick(at: .at(milliseconds: 9 + patience)).isStalled)
        #expect(pipeline.tick(at: .at(milliseconds: 10 + patience)).isStalled)
    }

    /// One impatient caller must not cost everybody the connection.
    @Test(arguments: [(10, 5_000), (5_000, 10), (5_000, 5_000)])
    func `silence is judged by the usual timeout or the request's own, whichever is longer`(own: Int, usual: Int) {
        var pipeline = RequestPipeline<Int>(
            firstOpaque: 0,
            maximumRequests: 9,
            maximumBytes: 999,
            usualTimeout: .milliseconds(Int64(usual)),
            now: .at(milliseconds: 0)
        )
        _ = pipeline.submit(1, deadline: own)
        _ = pipeline.service(isWritable: true)
        #expect(pipeline.tick(at: .at(milliseconds: own)).expired == [1])
        let late = pipeline.tick(at: .at(milliseconds: 9_999))
        #expect(!late.isStalled)
        #expect(late.timer == .at(milliseconds: 10_000))
        #expect(pipeline.tick(at: .at(milliseconds: 10_000)).isStalled)
    }

    /// Where a read is tried again after half of its time, that has to go to another connection.
    @Test(arguments: [(nil, [1_749: false, 1_750: true]), (1_000, [874: false, 875: true])] as [(Int?, [Int: Bool])])
    func `who has waited for as long as is usual makes others go elsewhere`(patience: Int?, suspects: [Int: Bool]) {
        for (time, isSuspect) in suspects {
            var pipeline = RequestPipeline<Int>(
                firstOpaque: 0,
                maximumRequests: 9,
                maximumBytes: 999,
                usualTimeout: .milliseconds(2_000),
                usualPatience: patience.map { .milliseconds(Int64($0)) },
                now: .at(milliseconds: 0)
            )
            _ = pipeline.submit(1, deadline: time)
            _ = pipeline.service(isWritable: true)
            let tick = pipeline.tick(at: .at(milliseconds: time))
            #expect(tick.expired == [1])
            #expect(tick.isSuspect == isSuspect)
            // The connection itself is given up as late as ever.
            #expect(tick.timer == .at(milliseconds: 4_000))
        }
    }

    @Test mutating func `a byte gives the server as long again`() {
        _ = pipeline.submit(1, deadline: 100)
        _ = pipeline.service(isWritable: true)
        pipeline.noteRead(at: .at(milliseconds: 700))
        let tick = pipeline.tick(at: .at(milliseconds: 1_000))
        #expect(!tick.isStalled)
        #expect(tick.timer == .at(milliseconds: 1_700))
        #expect(pipeline.tick(at: .at(milliseconds: 1_700)).isStalled)
    }

    @Test mutating func `silence before a request is not held against the server`() {
        pipeline.noteRead(at: .at(milliseconds: 1))
        _ = pipeline.submit(1, at: 90_000, deadline: 90_100)
        _ = pipeline.service(isWritable: true)
        #expect(!pipeline.tick(at: .at(milliseconds: 90_999)).isStalled)
        #expect(pipeline.tick(at: .at(milliseconds: 91_000)).isStalled)
    }

    @Test mutating func `the time of the oldest request counts, not of those behind it`() {
        _ = pipeline.submit(1, deadline: 5_000)
        _ = pipeline.submit(2, deadline: 10)
        _ = pipeline.service(isWritable: true)
        let tick = pipeline.tick(at: .at(milliseconds: 10))
        #expect(tick.expired == [2])
        #expect(tick.timer == .at(milliseconds: 5_000))
        #expect(!pipeline.tick(at: .at(milliseconds: 9_999)).isStalled)
        #expect(pipeline.tick(at: .at(milliseconds: 10_000)).isStalled)
    }

    @Test mutating func `a patient request does not hide the silence before it`() {
        _ = pipeline.submit(1, deadline: 100)
        _ = pipeline.submit(2, deadline: 60_000)
        _ = pipeline.service(isWritable: true)
        let tick = pipeline.tick(at: .at(milliseconds: 100))
        #expect(tick.expired == [1])
        #expect(tick.timer == .at(milliseconds: 1_000))
        #expect(pipeline.tick(at: .at(milliseconds: 1_000)).isStalled)
    }

    @Test mutating func `a request that was given up is timed for silence all the same`() {
        let ticket = pipeline.submit(1, deadline: 100).ticket
        _ = pipeline.service(isWritable: true)
        _ = pipeline.abandon(ticket: ticket ?? 0)
        #expect(pipeline.tick(at: .at(milliseconds: 100)).timer == .at(milliseconds: 1_000))
        #expect(pipeline.tick(at: .at(milliseconds: 1_000)).isStalled)
    }

    /// The handshake has a timer of its own and no deadline here.
    @Test mutating func `without a deadline a request waits for ever`() {
        _ = pipeline.submit(
            CollectionOfOne(Request(opcode: .saslListMechanisms)),
            expecting: .one(.saslListMechanisms),
            now: .at(milliseconds: 5),
            deadline: .distantFuture,
            sink: 1
        )
        _ = pipeline.service(isWritable: true)
        let tick = pipeline.tick(at: .at(milliseconds: 1_000_000_000))
        #expect(tick.expired.isEmpty)
        #expect(!tick.isStalled)
        #expect(tick.timer == .distantFuture)
    }

    @Test mutating func `a deadline that passed before the request came is told at once`() {
        _ = pipeline.submit(1, at: 100, deadline: 0)
        #expect(pipeline.service(isWritable: true).timer == .at(milliseconds: 0))
        let tick = pipeline.tick(at: .at(milliseconds: 100))
        #expect(tick.expired == [1])
        #expect(!tick.isStalled)
    }

    @Test mutating func `time has no meaning for a closed connection`() {
        _ = pipeline.submit(1, deadline: 10)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.close(MemcachedError(.connectionLost, "gone"))
        let tick = pipeline.tick(at: .at(milliseconds: 90_000))
        #expect(tick.expired.isEmpty)
        #expect(!tick.isStalled)
        #expect(tick.timer == nil)
    }
}
