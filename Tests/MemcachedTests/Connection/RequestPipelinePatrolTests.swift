import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Now and then somebody looks who does not wait any longer.
@Suite struct RequestPipelinePatrolTests {
    var pipeline = RequestPipeline<Int>()

    @Test mutating func `the first request has a look announced, and those behind it do not`() {
        #expect(pipeline.service(isWritable: true).patrol == nil)
        _ = pipeline.submit(1)
        #expect(pipeline.service(isWritable: true).patrol != nil)
        _ = pipeline.submit(2)
        #expect(pipeline.service(isWritable: true).patrol == nil)
    }

    @Test mutating func `a look is announced while nothing can be written as well`() {
        _ = pipeline.submit(1)
        #expect(pipeline.service(isWritable: false).patrol != nil)
        #expect(pipeline.service(isWritable: true).patrol == nil)
    }

    @Test mutating func `who has gone leaves a tombstone, and the others go on waiting`() {
        for sink in 1...4 { _ = pipeline.submit(sink) }
        _ = pipeline.service(isWritable: true)
        let patrol = pipeline.patrol { $0 % 2 == 0 }
        #expect(patrol.abandoned == [2, 4])
        #expect(patrol.pause != nil)
        #expect(pipeline.tombstonesInFlight == 2)
        #expect(pipeline.counters.tombstones == 2)
        #expect(pipeline.patrol { $0 % 2 == 0 }.abandoned.isEmpty, "nobody is told twice")
        let answers = (0..<4).map { pipeline.answer(1_000 + $0) }
        #expect(answers.map { $0?.sink } == [1, nil, 3, nil])
        #expect(answers.map { $0?.late } == [false, true, false, true])
    }

    @Test mutating func `nobody looks while nothing is in flight, and the next request has it begin again`() {
        _ = pipeline.submit(1)
        _ = pipeline.service(isWritable: true)
        _ = pipeline.answer(1_000)
        #expect(pipeline.patrol { _ in true }.pause == nil)
        _ = pipeline.submit(2)
        #expect(pipeline.service(isWritable: true).patrol != nil)
    }

    @Test mutating func `an heir is not asked`() {
        _ = pipeline.submit(1, heir: 10)
        _ = pipeline.service(isWritable: true)
        #expect(pipeline.patrol { $0 == 10 }.abandoned.isEmpty)
        #expect(pipeline.patrol { $0 == 1 }.abandoned == [1])
        #expect(pipeline.patrol { $0 == 10 }.abandoned.isEmpty)
        #expect(pipeline.answer(1_000) == QueueAnswer(10, late: true))
    }

    @Test mutating func `the more wait the longer the pause, so that looking stays a small part`() throws {
        _ = pipeline.submit(1)
        let short = try #require(pipeline.service(isWritable: true).patrol)
        for sink in 2...100 { _ = pipeline.submit(sink) }
        let long = try #require(pipeline.patrol { _ in false }.pause)
        #expect(short < long)
        #expect(long < .milliseconds(10))
    }
}
