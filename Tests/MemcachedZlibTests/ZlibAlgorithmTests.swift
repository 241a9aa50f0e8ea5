import Memcached
import MemcachedZlib
import NIOCore
import Testing

@Suite struct ZlibAlgorithmTests {
    private let algorithm = MemcachedZlibAlgorithm()
    /// "hello world" as PHP's gzcompress() writes it.
    private let stream: [UInt8] = [
        0x78, 0x9C, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0x28, 0xCF, 0x2F, 0xCA, 0x49, 0x01, 0x00, 0x1A, 0x0B, 0x04,
        0x5D,
    ]

    private func text(_ bytes: [UInt8], limit: Int = 1_000) throws -> String {
        String(buffer: try algorithm.decompress(ByteBuffer(bytes: bytes), limit: limit))
    }

    @Test func `a stream of zlib is read`() throws {
        #expect(try text(stream) == "hello world")
    }

    @Test func `what follows the stream is not looked at`() throws {
        #expect(try text(stream + [1, 2, 3]) == "hello world")
    }

    @Test func `the limit is exact`() throws {
        #expect(try text(stream, limit: 11) == "hello world")
        #expect(try text(stream, limit: .max) == "hello world")
        for limit in [Int.min, -1, 0, 1, 10] {
            #expect(throws: MemcachedDecompressionError.limitExceeded) { try text(stream, limit: limit) }
        }
    }

    @Test func `a stream that breaks off anywhere is malformed`() {
        for count in 0..<stream.count {
            #expect(throws: MemcachedDecompressionError.malformed) { try text(Array(stream.prefix(count))) }
        }
    }

    @Test func `other formats and dictionaries are malformed`() {
        // gzip; deflate without a wrapper; a stream that asks for a dictionary (RFC 1950, FDICT).
        let gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0x4B, 0x04, 0, 0x43, 0xBE, 0xB7, 0xE8, 1, 0, 0, 0]
        let dictionary: [UInt8] = [0x78, 0xBB, 0x00, 0x00, 0x00, 0x01, 0x4B, 0x04, 0x00]
        for bytes in [gzip, Array(stream.dropFirst(2)), dictionary] {
            #expect(throws: MemcachedDecompressionError.malformed) { try text(bytes) }
        }
    }

    @Test(arguments: [nil, Int.min, 0, 1, 5, 9, 10, .max])
    func `every level restores what it compressed`(level: Int?) throws {
        var generator = SeededGenerator(seed: 0x5EED_0007)
        for length in [0, 1, 2, 100, 65_535, 65_536, 65_537, 300_000] {
            let value = ByteBuffer(bytes: generator.text(length))
            let stream = try MemcachedZlibAlgorithm(level: level).compress(value)
            #expect(try algorithm.decompress(stream, limit: length) == value)
        }
    }

    @Test func `a higher level compresses more`() throws {
        var generator = SeededGenerator(seed: 0x5EED_0008)
        let value = ByteBuffer(bytes: generator.text(100_000))
        let sizes = try [1, 9].map { try MemcachedZlibAlgorithm(level: $0).compress(value).readableBytes }
        #expect(sizes[1] < sizes[0] && sizes[0] < 100_000)
    }

    @Test func `a bomb is defused at the limit`() throws {
        let stream = try algorithm.compress(ByteBuffer(repeating: 0, count: 20 << 20))
        #expect(stream.readableBytes < 100_000)
        #expect(throws: MemcachedDecompressionError.limitExceeded) {
            try algorithm.decompress(stream, limit: 1 << 20)
        }
        #expect(try algorithm.decompress(stream, limit: 20 << 20).readableBytes == 20 << 20)
    }

    @Test func `100,000 damaged streams do no harm`() async throws {
        var generator = SeededGenerator(seed: 0x5EED_0009)
        let seeds = try (0..<50)
            .map { number in
                Array(try algorithm.compress(ByteBuffer(bytes: generator.text(20 * number))).readableBytesView)
            }
        let limit = 500
        var values = 0
        var malformed = 0
        var tooLarge = 0
        for number in 0..<100_000 {
            // Other tests shall have this thread from time to time.
            if number % 250 == 0 { await Task.yield() }
            let bytes = generator.mutated(seeds[number % seeds.count])
            do {
                #expect(try algorithm.decompress(ByteBuffer(bytes: bytes), limit: limit).readableBytes <= limit)
                values += 1
            } catch MemcachedDecompressionError.malformed {
                malformed += 1
            } catch MemcachedDecompressionError.limitExceeded {
                tooLarge += 1
            }
        }
        #expect(values > 1_000 && malformed > 1_000 && tooLarge > 1_000)
    }

    @Test func `the format is zlib's and the preset has the numbers of PHP`() {
        #expect(algorithm.format == .zlib)
        #expect(MemcachedCompression.zlib.threshold == 2_000)
        #expect(MemcachedCompression.zlib.factor == 1.3)
        #expect(MemcachedCompression.zlib.algorithm is MemcachedZlibAlgorithm)
    }
}
