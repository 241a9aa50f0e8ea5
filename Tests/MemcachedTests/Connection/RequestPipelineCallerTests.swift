import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// A caller who writes its request itself.
@Suite struct RequestPipelineCallerTests {
    var pipeline = RequestPipeline<Int>()

    /// The first request needs the loop for its timers; behind it there are some.
    private mutating func arm() throws {
        _ = pipeline.submit(1, deadline: 500)
        #expect(try pipeline.sent().count == 1)
        #expect(pipeline.answer(1_000) == QueueAnswer(1))
    }

    @Test mutating func `a request with nothing in front of it is its caller's, and the loop need not come`() throws {
        try arm()
        #expect(pipeline.submit(2).wake == true)
        let taken = pipeline.takeOnly(maximumBytes: 100)
        var only = try #require(taken)
        #expect(try SentRequest.parse([only]).map(\.opaque) == [1_001])
        let wakes = pipeline.finishWriting(&only)
        #expect(!wakes)
        #expect(pipeline.answer(1_001) == QueueAnswer(2))
        #expect(pipeline.service(isWritable: true).buffers.isEmpty)
    }

    @Test mutating func `timers that are not set yet bring the loop all the same`() throws {
        _ = pipeline.submit(1)
        let taken = pipeline.takeOnly(maximumBytes: 100)
        var only = try #require(taken)
        let wakes = pipeline.finishWriting(&only)
        #expect(wakes)
        let service = pipeline.service(isWritable: true)
        #expect(service.buffers.isEmpty)
        #expect(service.timer != nil)
        #expect(service.patrol != nil)
    }

    @Test mutating func `behind another one it is the loop's`() throws {
        try arm()
        _ = pipeline.submit(2)
        #expect(try pipeline.sent().count == 1)
        #expect(pipeline.submit(3).wake == true)
        let taken = pipeline.takeOnly(maximumBytes: 100)
        #expect(taken == nil)
        #expect(try pipeline.sent().map(\.opaque) == [1_002])
    }

    @Test mutating func `what is too long for its caller stays`() throws {
        try arm()
        _ = pipeline.submit(2)
        let taken = pipeline.takeOnly(maximumBytes: 24)
        #expect(taken == nil)
        #expect(try pipeline.sent().map(\.opaque) == [1_001])
    }

    @Test mutating func `who comes while it is written waits, and the loop is called when it has been`() throws {
        try arm()
        _ = pipeline.submit(2)
        let taken = pipeline.takeOnly(maximumBytes: 100)
        var only = try #require(taken)
        #expect(pipeline.submit(3).wake == false)
        #expect(pipeline.service(isWritable: true).buffers.isEmpty)
        #expect(pipeline.submit(4).wake == false)
        let wakes = pipeline.finishWriting(&only)
        #expect(wakes)
        #expect(try pipeline.sent().map(\.opaque) == [1_002, 1_003])
    }

    @Test mutating func `while the loop writes nobody else does`() throws {
        _ = pipeline.submit(1)
        #expect(pipeline.service(isWritable: true).buffers.count == 1)
        #expect(pipeline.answer(1_000) == QueueAnswer(1))
        _ = pipeline.submit(2)
        let taken = pipeline.takeOnly(maximumBytes: 100)
        #expect(taken == nil)
        #expect(pipeline.service(isWritable: true).buffers.isEmpty)
        pipeline.wrote()
        #expect(try pipeline.sent().map(\.opaque) == [1_001])
    }

    @Test mutating func `a request that its caller writes when the connection ends may have been carried out`() throws {
        try arm()
        _ = pipeline.submit(2)
        let taken = pipeline.takeOnly(maximumBytes: 100)
        var only = try #require(taken)
        _ = pipeline.submit(3)
        let ending = pipeline.close(.shutDown)
        #expect(ending.unknown == [2])
        #expect(ending.notSent == [3])
        _ = pipeline.finishWriting(&only)
        #expect(pipeline.service(isWritable: true).buffers.isEmpty)
    }
}
