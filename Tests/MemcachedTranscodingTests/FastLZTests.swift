import Memcached
import NIOCore
import Testing

@Suite struct FastLZTests {
    private let algorithm = MemcachedFastLZAlgorithm()

    private func restored(_ block: [UInt8], limit: Int = 1 << 20) throws(MemcachedDecompressionError) -> [UInt8] {
        Array(try algorithm.decompress(ByteBuffer(bytes: block), limit: limit).readableBytesView)
    }

    @Test func `what was compressed is restored, at any length`() async throws {
        var generator = SeededGenerator(seed: 0x5EED_0003)
        let lengths =
            Array(1...300) + (0..<60).map { _ in generator.below(20_000) } + [65_535, 65_536, 65_537, 200_000]
        for length in lengths {
            await Task.yield()
            let value = ByteBuffer(bytes: generator.compressibleBytes(length))
            let block = algorithm.compress(value)
            #expect(try algorithm.decompress(block, limit: length) == value || length == 0)
            #expect(block.readableBytes <= length + length / 32 + 1)
        }
    }

    @Test func `the level changes at 65,536 bytes`() throws {
        for (length, level) in [(65_535, UInt8(0)), (65_536, 1)] {
            let block = algorithm.compress(ByteBuffer(repeating: 0x78, count: length))
            #expect(try #require(block.getInteger(at: 0, as: UInt8.self)) >> 5 == level)
        }
    }

    @Test func `a match from far away is written and read at level 2`() async throws {
        var generator = SeededGenerator(seed: 0x5EED_0004)
        // 4,000 bytes that recur, at distances around both ends of the far form's range. What does not match takes a
        // 32nd more than it has.
        for distance in [8_190, 8_191, 8_192, 8_193, 73_723, 73_724, 73_725, 73_726] {
            await Task.yield()
            let part = generator.bytes(4_000)
            let value = part + [UInt8](repeating: 0, count: distance - 4_000) + part + generator.bytes(70_000)
            let block = algorithm.compress(ByteBuffer(bytes: value))
            #expect(try restored(Array(block.readableBytesView)) == value)
            #expect((block.readableBytes < 78_000) == (distance < 73_725))
        }
    }

    @Test func `blocks of each instruction are read by the format`() throws {
        #expect(try restored([0x02, 1, 2, 3]) == [1, 2, 3])
        // A match of three from two back, and one of nine from one back.
        #expect(try restored([0x01, 1, 2, 0x20, 0x01]) == [1, 2, 1, 2, 1])
        #expect(try restored([0x00, 7, 0xE0, 0x00, 0x00]) == [UInt8](repeating: 7, count: 10))
        // Level 2: a length in two bytes, and in one that is 254.
        #expect(try restored([0x20, 7, 0xE0, 0xFF, 0x00, 0x00]) == [UInt8](repeating: 7, count: 1 + 9 + 255))
        #expect(try restored([0x20, 7, 0xE0, 0xFE, 0x00]) == [UInt8](repeating: 7, count: 1 + 9 + 254))
        // Level 1 takes the byte 255 for a whole length, and knows no far match.
        #expect(try restored([0x00, 7, 0xE0, 0xFF, 0x00]) == [UInt8](repeating: 7, count: 1 + 9 + 255))
    }

    @Test(arguments: [
        [], [0x00], [0x01, 7], [0x1F], [0x40, 7], [0xE0, 7], [0x00, 7, 0x20], [0x00, 7, 0xE0], [0x00, 7, 0xE0, 0x00],
        [0x00, 7, 0x20, 0x01], [0x00, 7, 0x3F, 0xFF], [0x20, 7, 0xE0, 0xFF], [0x20, 7, 0xE0, 0xFF, 0x00],
        [0x20, 7, 0x3F, 0xFF, 0x00], [0x20, 7, 0x3F, 0xFF, 0x00, 0x00],
    ])
    func `a block that breaks off or looks back too far is malformed`(block: [UInt8]) {
        #expect(throws: MemcachedDecompressionError.malformed) { try restored(block) }
    }

    @Test func `the limit is exact`() throws {
        let block: [UInt8] = [0x02, 1, 2, 3, 0xE0, 0x10, 0x02]
        let count = 3 + 9 + 16
        #expect(try restored(block, limit: count).count == count)
        for limit in [Int.min, -1, 0, 1, 3, count - 1] {
            #expect(throws: MemcachedDecompressionError.limitExceeded) { try restored(block, limit: limit) }
        }
        #expect(try restored(block, limit: .max).count == count)
    }
}
