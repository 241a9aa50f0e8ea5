import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// The responses of one read, and the storage that they share.
@Suite struct ReceivedResponsesTests {
    /// Frames with these values behind one another, in a buffer with as much room as a receive buffer has.
    private static func receive(_ values: [Int], room: Int = 131_072) throws -> (ReceivedResponses, ByteBuffer) {
        var buffer = ByteBufferAllocator().buffer(capacity: room)
        for (number, length) in values.enumerated() {
            buffer.writeBytes(
                frame(.getQuiet, opaque: UInt32(number), value: Array(repeating: UInt8(number), count: length))
            )
        }
        var reader = ResponseReader(maximumBodyBytes: 64 << 20)
        reader.append(buffer)
        var frames: [ResponseReader.Frame] = []
        try reader.read(into: &frames) { _ in false }
        #expect(frames.count == values.count)
        return (ReceivedResponses(frames, in: reader.buffer), reader.buffer)
    }

    @Test(arguments: [[100], [0, 100, 0, 5, 0], Array(repeating: 100, count: 200), [60_000, 20_000, 1], [0, 0]])
    func `each response has its own bytes`(values: [Int]) throws {
        let (responses, _) = try Self.receive(values)
        for (number, length) in values.enumerated() {
            #expect(Array(responses[number].value.readableBytesView) == Array(repeating: UInt8(number), count: length))
        }
    }

    @Test func `few small responses do not hold a receive buffer`() throws {
        let (responses, buffer) = try Self.receive([100, 0, 100])
        #expect(buffer.storageCapacity == 131_072)
        #expect(responses[0].value.storageCapacity <= 512)
        #expect(responses[1].value.storageCapacity == 0)
        #expect(responses[2].value.storageCapacity <= 512)
    }

    @Test func `what fills a receive buffer stays in it`() throws {
        let (responses, _) = try Self.receive([100_000])
        #expect(responses[0].value.storageCapacity == 131_072)
    }

    @Test func `the responses of a batch have positions by their opaques`() throws {
        let (responses, _) = try Self.receive([1, 2, 3, 4])
        let each = responses.each(1..<4, from: 7).map { ($0.index, $0.response.value.readableBytes) }
        #expect(each.map(\.0) == [7, 8, 9])
        #expect(each.map(\.1) == [2, 3, 4])
    }

    @Test func `a run has the same, made of the same bytes`() throws {
        let (responses, _) = try Self.receive([1, 2, 0, 4])
        let run = responses.run(1..<4, from: 7)
        var seen: [[Int]] = []
        try run.visit { number, position, bytes, flags throws(MemcachedError) in
            #expect(run.position(number) == position)
            #expect(run.response(number).value.readableBytes == bytes.byteCount)
            let first = bytes.byteCount > 0 ? Int(bytes.unsafeLoadUnaligned(as: UInt8.self)) : -1
            seen.append([position, bytes.byteCount, first, Int(flags)])
        }
        #expect(seen == [[7, 2, 1, 0], [8, 0, -1, 0], [9, 4, 3, 0]])
    }

    @Test func `a run is spread over the positions that were asked for`() throws {
        let (responses, _) = try Self.receive([1, 2, 3])
        let group = GroupResponses(runs: [responses.run(0..<1, from: 0), responses.run(1..<3, from: 2)])
        let spread = group.spread(over: 3)
        #expect(spread.runs.isEmpty)
        #expect(spread.responses.map { $0?.value.readableBytes } == [1, nil, 2])
    }
}
