import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// The end of a connection: who is told what, and that nobody enters afterwards.
@Suite struct RequestPipelineEndingTests {
    var pipeline = RequestPipeline<Int>()
    let lost = MemcachedError(.connectionLost, "gone", outcome: .unknown)

    @Test mutating func `what was handed to the channel is unknown, the rest was not sent`() {
        _ = pipeline.submit(1)
        _ = pipeline.submit(2)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.submit(3)
        _ = pipeline.submitBatch(4, of: 2)
        let ending = pipeline.close(lost)
        #expect(ending.unknown == [1, 2])
        #expect(ending.notSent == [3, 4])
        #expect(pipeline.requestsInFlight == 0)
    }

    @Test mutating func `what a blocked channel did not take was not sent`() {
        _ = pipeline.submit(1)
        _ = pipeline.service(isWritable: false)
        _ = pipeline.submit(2)
        _ = pipeline.service(isWritable: false)
        let ending = pipeline.close(lost)
        #expect(ending.unknown.isEmpty)
        #expect(ending.notSent == [1, 2])
    }

    @Test mutating func `what was answered is not told of the end`() {
        _ = pipeline.submit(1)
        _ = pipeline.submit(2)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.answer(1_000)
        #expect(pipeline.close(lost).unknown == [2])
    }

    @Test mutating func `who gave up or ran out of time is not told again`() {
        let first = pipeline.submit(1, heir: 7).ticket
        _ = pipeline.submit(2, deadline: 10)
        _ = pipeline.submit(3)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.abandon(ticket: first ?? 0)
        #expect(pipeline.tick(at: .at(milliseconds: 10)).expired == [2])
        let ending = pipeline.close(lost)
        #expect(ending.unknown == [3])
        #expect(ending.notSent.isEmpty)
        #expect(ending.spent == [7])
    }

    @Test mutating func `after the end nobody enters and nothing goes out`() {
        let ticket = pipeline.submit(1).ticket
        #expect(!pipeline.isClosed)
        _ = pipeline.close(lost)
        #expect(pipeline.isClosed)
        let submission = pipeline.submit(2)
        #expect(submission.closedBy == lost)
        #expect(submission.closedBy?.detail == "gone")
        #expect(pipeline.service(isWritable: true).buffers.isEmpty)
        #expect(pipeline.abandon(ticket: ticket ?? 0) == nil)
        #expect(pipeline.answer(1_000) == nil)
        #expect(pipeline.requestsInFlight == 0)
    }

    @Test mutating func `a second end changes nothing`() {
        _ = pipeline.submit(1)
        _ = pipeline.close(lost)
        let second = pipeline.close(MemcachedError(.protocolViolation, "later"))
        #expect(second.unknown.isEmpty)
        #expect(second.notSent.isEmpty)
        #expect(pipeline.submit(2).closedBy?.code == .connectionLost)
    }

    @Test mutating func `a draining connection lets nobody in and finishes what it has`() throws {
        _ = pipeline.submit(1)
        #expect(!pipeline.isDrained)
        pipeline.drain()
        #expect(!pipeline.isDrained)
        #expect(pipeline.submit(2).closedBy?.code == .clientShutDown)
        #expect(try pipeline.sent().count == 1)
        #expect(pipeline.answer(1_000) == QueueAnswer(1))
        #expect(pipeline.isDrained)
    }

    @Test mutating func `a tombstone is waited for when draining`() {
        let ticket = pipeline.submit(1).ticket
        pipeline.drain()
        _ = pipeline.abandon(ticket: ticket ?? 0)
        #expect(!pipeline.isDrained)
        _ = pipeline.answer(1_000)
        #expect(pipeline.isDrained)
    }

    @Test mutating func `an idle connection is drained at once, one that was not asked never`() {
        #expect(!pipeline.isDrained)
        pipeline.drain()
        #expect(pipeline.isDrained)
    }

    @Test mutating func `a draining connection that ends tells who is left`() {
        _ = pipeline.submit(1)
        _ = pipeline.service(isWritable: true)
        pipeline.drain()
        #expect(pipeline.close(lost).unknown == [1])
        #expect(pipeline.submit(2).closedBy?.code == .connectionLost)
    }
}
