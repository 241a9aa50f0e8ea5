import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Requests going out: encoded by the caller, handed to the channel in batches.
@Suite struct RequestPipelineTests {
    var pipeline = RequestPipeline<Int>()

    @Test mutating func `the event loop is woken once for a batch`() throws {
        #expect(pipeline.submit(1).wake == true)
        #expect(pipeline.submit(2).wake == false)
        #expect(pipeline.submit(3).wake == false)
        #expect(try pipeline.sent().count == 3)
        #expect(pipeline.submit(4).wake == true)
        #expect(pipeline.submit(5).wake == false)
    }

    @Test mutating func `requests go out once, in order, with consecutive opaques`() throws {
        _ = pipeline.submit(1)
        _ = pipeline.submit(
            2,
            Request(opcode: .set, extras: .store(flags: 1, expiration: 2), key: "a", value: ByteBuffer(string: "v"))
        )
        _ = pipeline.submit(3, Request(opcode: .noop))
        let sent = try pipeline.sent()
        #expect(sent.map(\.opcode) == [.get, .set, .noop])
        #expect(sent.map(\.opaque) == [1_000, 1_001, 1_002])
        #expect(try pipeline.sent().isEmpty)
    }

    @Test mutating func `a quiet batch is closed with a NOOP of the next opaque`() throws {
        _ = pipeline.submitBatch(1, of: 3)
        _ = pipeline.submit(2)
        let sent = try pipeline.sent()
        #expect(sent.map(\.opcode) == [.getQuiet, .getQuiet, .getQuiet, .noop, .get])
        #expect(sent.map(\.opaque) == [1_000, 1_001, 1_002, 1_003, 1_004])
    }

    @Test func `opaques go on at zero after the largest`() throws {
        var pipeline = RequestPipeline<Int>(firstOpaque: .max - 1)
        _ = pipeline.submitBatch(1, of: 3)
        #expect(try pipeline.sent().map(\.opaque) == [.max - 1, .max, 0, 1])
        #expect(pipeline.answer(0, .getQuiet) == QueueAnswer(1, index: 2, last: false))
        #expect(pipeline.answer(1, .noop) == QueueAnswer(1, index: 3))
    }

    @Test mutating func `while the channel is not writable nothing goes out and nobody is woken`() throws {
        _ = pipeline.submit(1)
        #expect(pipeline.service(isWritable: false).buffers.isEmpty)
        #expect(pipeline.submit(2).wake == false)
        #expect(pipeline.submit(3).wake == false)
        #expect(pipeline.service(isWritable: false).buffers.isEmpty)
        #expect(pipeline.submit(4).wake == false)
        #expect(try pipeline.sent().map(\.opaque) == [1_000, 1_001, 1_002, 1_003])
        #expect(pipeline.submit(5).wake == true)
    }

    @Test mutating func `a channel that is not writable wakes for the first request all the same`() throws {
        _ = pipeline.submit(1, deadline: 10)
        #expect(try pipeline.sent().count == 1)
        #expect(pipeline.service(isWritable: false).buffers.isEmpty)
        #expect(pipeline.submit(2, deadline: 20).wake == true)
        #expect(pipeline.service(isWritable: false).buffers.isEmpty)
        #expect(try pipeline.sent().count == 1)
    }

    @Test mutating func `a batch with an impossible request encodes nothing of itself`() throws {
        _ = pipeline.submit(1)
        let requests = [
            Request(opcode: .add, key: "good"),
            Request(opcode: .delete, key: MemcachedKey(bytes: repeatElement(0, count: 65_536))),
        ]
        let submission = pipeline.submit(
            requests,
            expecting: .sequence(Opcodes(requests.map(\.opcode))),
            now: .at(milliseconds: 0),
            deadline: .at(milliseconds: 9),
            sink: 2
        )
        #expect(submission.isTooLarge)
        #expect(pipeline.requestsInFlight == 1)
        _ = pipeline.submit(3)
        let sent = try pipeline.sent()
        #expect(sent.map(\.opcode) == [.get, .get])
        #expect(sent.map(\.opaque) == [1_000, 1_001])
        #expect(pipeline.answer(1_000) == QueueAnswer(1))
        #expect(pipeline.answer(1_001) == QueueAnswer(3))
    }

    @Test mutating func `recycling a written buffer leaves what comes next alone`() throws {
        _ = pipeline.submit(1)
        let written = pipeline.service(isWritable: true).buffers
        _ = pipeline.submit(2)
        for var buffer in written { pipeline.recycle(&buffer) }
        #expect(try SentRequest.parse(written).map(\.opaque) == [1_000])
        #expect(try pipeline.sent().map(\.opaque) == [1_001])
    }

    @Test mutating func `who gave up is a tombstone and stays in flight until its answer came`() {
        let ticket = pipeline.submit(1).ticket
        #expect(pipeline.abandon(ticket: ticket ?? 0) == 1)
        #expect(pipeline.abandon(ticket: ticket ?? 0) == nil)
        #expect(pipeline.requestsInFlight == 1)
        #expect(pipeline.counters.tombstones == 1)
        #expect(pipeline.answer(1_000) == QueueAnswer(nil, late: true))
        #expect(pipeline.requestsInFlight == 0)
        #expect(pipeline.counters.lateResponsesDropped == 1)
    }

    @Test mutating func `late answers are counted by request, not by response`() {
        let ticket = pipeline.submitBatch(1, of: 2).ticket
        _ = pipeline.abandon(ticket: ticket ?? 0)
        _ = pipeline.answer(1_000, .getQuiet)
        _ = pipeline.answer(1_001, .getQuiet)
        #expect(pipeline.counters.lateResponsesDropped == 0)
        _ = pipeline.answer(1_002, .noop)
        #expect(pipeline.counters.lateResponsesDropped == 1)
        #expect(pipeline.counters.tombstones == 1)
    }

    @Test mutating func `a response out of step is counted`() {
        _ = pipeline.submit(1)
        #expect(pipeline.answer(7) == nil)
        #expect(pipeline.counters.poisoned == 1)
        pipeline.notePoisoned()
        #expect(pipeline.counters.poisoned == 2)
    }

    @Test mutating func `only what nobody waits for is for a tombstone`() {
        let single = pipeline.submit(1).ticket
        let batch = pipeline.submitBatch(2, of: 2).ticket
        let inherited = pipeline.submit(3, heir: 4).ticket
        func isForTombstone(_ opaque: UInt32) -> Bool { pipeline.isForTombstone(ResponseHeader(.get, opaque)) }
        #expect(!isForTombstone(1_000))
        for ticket in [single, batch, inherited] { _ = pipeline.abandon(ticket: ticket ?? 0) }
        #expect(isForTombstone(1_000))
        #expect(!isForTombstone(1_001))
        #expect(!isForTombstone(999))
        _ = pipeline.answer(1_000)
        #expect(!isForTombstone(1_000))
        #expect(isForTombstone(1_001) && isForTombstone(1_002) && isForTombstone(1_003))
        #expect(!isForTombstone(1_004))
        _ = pipeline.answer(1_003, .noop)
        #expect(!isForTombstone(1_004))
        _ = pipeline.answer(1_004)
        #expect(!isForTombstone(1_005))
    }
}
