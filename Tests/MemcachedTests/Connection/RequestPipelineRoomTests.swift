import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// How much is taken on, and how those hear of room who found none.
@Suite struct RequestPipelineRoomTests {
    @Test func `no more requests than allowed`() {
        var pipeline = RequestPipeline<Int>(requests: 3)
        for sink in 1...3 { #expect(pipeline.submit(sink).ticket != nil) }
        #expect(pipeline.submit(4).isFull)
        #expect(pipeline.requestsInFlight == 3)
        _ = pipeline.answer(1_000)
        #expect(pipeline.submit(5).ticket != nil)
        #expect(pipeline.submit(6).isFull)
    }

    @Test func `no more bytes than allowed`() {
        var pipeline = RequestPipeline<Int>(bytes: 60)
        #expect(pipeline.submit(1).ticket != nil)
        #expect(pipeline.submit(2).ticket != nil)
        #expect(pipeline.submit(3).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.submit(4).ticket != nil)
    }

    @Test func `what is refused is not sent`() throws {
        var pipeline = RequestPipeline<Int>(requests: 1)
        _ = pipeline.submit(1)
        #expect(pipeline.submitBatch(2, of: 2).isFull)
        #expect(try pipeline.sent().map(\.opaque) == [1_000])
    }

    @Test func `tombstones take room`() {
        var pipeline = RequestPipeline<Int>(requests: 1)
        _ = pipeline.abandon(ticket: pipeline.submit(1).ticket ?? 0)
        #expect(pipeline.submit(2).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.submit(3).ticket != nil)
    }

    @Test func `one request is taken however long it is`() {
        var pipeline = RequestPipeline<Int>(requests: 1, bytes: 1)
        #expect(pipeline.submitBatch(1, of: 9).ticket != nil)
        #expect(pipeline.submit(2).isFull)
        #expect(pipeline.answer(1_009, .noop) == QueueAnswer(1, index: 9))
        #expect(pipeline.submit(3, Request(opcode: .set, key: "k", value: ByteBuffer(string: "long"))).ticket != nil)
    }

    @Test func `there is room again when half is free, and it is said once`() {
        var pipeline = RequestPipeline<Int>(requests: 4)
        for sink in 1...4 { _ = pipeline.submit(sink) }
        #expect(pipeline.submit(5).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == nil)
        _ = pipeline.answer(1_001)
        #expect(pipeline.hasRoomAgain() == 2)
        #expect(pipeline.hasRoomAgain() == nil)
        _ = pipeline.answer(1_002)
        #expect(pipeline.hasRoomAgain() == nil)
    }

    @Test func `half of the bytes has to be free as well`() {
        var pipeline = RequestPipeline<Int>(requests: 100, bytes: 100)
        for sink in 1...4 { _ = pipeline.submit(sink) }
        #expect(pipeline.submit(5).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == nil)
        _ = pipeline.answer(1_001)
        #expect(pipeline.hasRoomAgain() == 98)
    }

    @Test func `nobody is told who was not refused`() {
        var pipeline = RequestPipeline<Int>(requests: 2)
        _ = pipeline.submit(1)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == nil)
    }

    /// Refused, then answered, then told to nobody, and only then one waits: it must not wait for ever.
    @Test func `room that came before anybody waited is not lost`() {
        var pipeline = RequestPipeline<Int>(requests: 1)
        _ = pipeline.submit(1)
        #expect(pipeline.submit(2).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == 1)
        #expect(pipeline.waitForRoom() == 1)
    }

    /// Room for two and three who wait: the third has to hear of the room that comes later.
    @Test func `who is left over hears of the next room`() {
        var pipeline = RequestPipeline<Int>(requests: 2)
        _ = pipeline.submit(1)
        _ = pipeline.submit(2)
        #expect(pipeline.submit(3).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == 1)
        #expect(pipeline.waitForRoom() == nil)
        _ = pipeline.submit(4)
        #expect(pipeline.hasRoomAgain() == nil)
        _ = pipeline.answer(1_001)
        #expect(pipeline.hasRoomAgain() == 1)
    }

    /// Half is free and still too little for this one: it waits for an answer instead of trying in a circle.
    @Test func `a request too long for what is free is tried once for each answer`() {
        var pipeline = RequestPipeline<Int>(requests: 100, bytes: 100)
        let long = Request(opcode: .set, key: "k", value: ByteBuffer(repeating: 0, count: 60))
        _ = pipeline.submit(1)
        _ = pipeline.submit(2)
        #expect(pipeline.submit(3, long).isFull)
        #expect(pipeline.waitForRoom() == nil)
        #expect(pipeline.waitForRoom() == nil)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == 99)
        #expect(pipeline.submit(3, long).isFull)
        #expect(pipeline.waitForRoom() == nil)
        _ = pipeline.answer(1_001)
        #expect(pipeline.hasRoomAgain() == 100)
        #expect(pipeline.submit(3, long).ticket != nil)
    }

    @Test func `limits as large as they come do not overflow`() {
        var pipeline = RequestPipeline<Int>(requests: .max, bytes: 30)
        _ = pipeline.submit(1)
        #expect(pipeline.submit(2).isFull)
        _ = pipeline.answer(1_000)
        #expect(pipeline.hasRoomAgain() == .max)

        var wide = RequestPipeline<Int>(requests: 1, bytes: .max)
        _ = wide.submit(1)
        #expect(wide.submit(2).isFull)
        _ = wide.answer(1_000)
        #expect(wide.hasRoomAgain() == 1)
    }

    @Test func `a closed connection has no room`() {
        var pipeline = RequestPipeline<Int>(requests: 1)
        _ = pipeline.submit(1)
        #expect(pipeline.submit(2).isFull)
        _ = pipeline.close(MemcachedError(.connectionLost, "gone"))
        #expect(pipeline.hasRoomAgain() == nil)
        #expect(pipeline.waitForRoom() == nil)
    }
}
