import Memcached
import MemcachedZlib
import NIOCore
import Testing

@Suite struct CompressedValueTests {

    @Test(arguments: [MemcachedCompression.fastLZ, .zlib])
    func `values are compressed from the threshold on`(compression: MemcachedCompression) throws {
        let transcoder = MemcachedPHPTranscoder(compression: compression)
        let flag = 0x10 | compression.algorithm.format.flag
        #expect(try transcoder.encode(String(repeating: "x", count: 1_999)).flags == 0)
        #expect(try transcoder.encode(String(repeating: "x", count: 2_000)).flags == flag)
        #expect(try transcoder.encode([UInt8](repeating: 1, count: 2_000)).flags == flag)
        #expect(try transcoder.encode([String](repeating: "same", count: 500)).flags == flag | 6)
    }

    @Test func `a value that does not become small enough is stored as it is`() throws {
        let value = ByteBuffer(string: String(repeating: "x", count: 100))
        // Exactly as many times as large is not enough, as in PHP.
        for (size, isCompressed) in [(50, false), (49, true), (100, false), (200, false)] {
            let algorithm = FixedSize(bytes: ByteBuffer(repeating: 0, count: size))
            let compression = MemcachedCompression(algorithm, threshold: 0, factor: 2)
            let payload = try MemcachedPHPTranscoder(compression: compression).encode(value)
            #expect(payload.flags == (isCompressed ? 0x90 : 0))
            #expect(payload.bytes.readableBytes == (isCompressed ? size + 4 : 100))
        }
    }

    @Test(arguments: [MemcachedCompression.fastLZ, .zlib])
    func `what could not be read back is not compressed`(compression: MemcachedCompression) throws {
        let compressed = 0x10 | compression.algorithm.format.flag
        var php = MemcachedPHPTranscoder(compression: compression)
        var standard = MemcachedStandardTranscoder(compression: compression)
        for (limit, flags) in [(100_000, compressed), (99_999, 0), (0, 0), (-1, 0)] {
            php.decompressedByteLimit = limit
            standard.decompressedByteLimit = limit
            let text = String(repeating: "x", count: 100_000)
            let payload = try php.encode(text)
            #expect(payload.flags == flags)
            #expect(try php.decode(String.self, from: payload) == text)
            #expect(try standard.decode(String.self, from: try standard.encode(text)) == text)
        }
    }

    @Test func `odd thresholds and factors stop nothing`() throws {
        for (threshold, factor) in [(Int.min, -1.0), (Int.max, 0), (0, .nan), (0, .infinity), (0, -.infinity)] {
            let compression = MemcachedCompression(MemcachedFastLZAlgorithm(), threshold: threshold, factor: factor)
            let transcoder = MemcachedPHPTranscoder(compression: compression)
            for text in ["", "x", String(repeating: "x", count: 3_000)] {
                let payload = try transcoder.encode(text)
                if !text.isEmpty { #expect(try transcoder.decode(String.self, from: payload) == text) }
            }
        }
    }

    @Test func `the header holds the length of the value, least significant byte first`() throws {
        let payload = try MemcachedPHPTranscoder(compression: .zlib).encode(String(repeating: "x", count: 0x01_02_03))
        #expect(payload.bytes.getBytes(at: 0, length: 4) == [0x03, 0x02, 0x01, 0x00])
    }

    @Test(arguments: [MemcachedCompression.fastLZ, .zlib])
    func `a value larger than the limit is refused, whatever its header says`(
        compression: MemcachedCompression
    ) throws {
        var transcoder = MemcachedPHPTranscoder(compression: compression)
        var payload = try transcoder.encode(String(repeating: "x", count: 100_000))
        transcoder.decompressedByteLimit = 100_000
        #expect(try transcoder.decode(String.self, from: payload).utf8.count == 100_000)
        transcoder.decompressedByteLimit = 99_999
        for header in [100_000, UInt32.max] {
            payload.bytes.setInteger(header, at: 0, endianness: .little)
            let error = failure { () throws(MemcachedError) in try transcoder.decode(String.self, from: payload) }
            #expect(error?.code == .decodingFailed)
            #expect(error?.detail.contains("decompressedByteLimit") == true)
        }
        for limit in [0, -1, Int.min] {
            transcoder.decompressedByteLimit = limit
            #expect(throws: MemcachedError.self) { try transcoder.decode(String.self, from: payload) }
        }
    }

    @Test func `a header that announces too little is damage, and too much only with FastLZ`() throws {
        for (compression, toleratesMore) in [(MemcachedCompression.fastLZ, false), (.zlib, true)] {
            let transcoder = MemcachedPHPTranscoder(compression: compression)
            var payload = try transcoder.encode(String(repeating: "x", count: 5_000))
            for (header, isRead) in [(4_999, false), (5_000, true), (5_001, toleratesMore)] as [(UInt32, Bool)] {
                payload.bytes.setInteger(header, at: 0, endianness: .little)
                let refusal = failure { () throws(MemcachedError) in try transcoder.decode(String.self, from: payload) }
                #expect((refusal == nil) == isRead)
                #expect(refusal?.detail.contains("damaged") != false)
            }
        }
    }

    @Test func `a value in an algorithm that is not there names what to add`() throws {
        let zlib = try MemcachedPHPTranscoder(compression: .zlib).encode(String(repeating: "x", count: 5_000))
        let error = failure { () throws(MemcachedError) in try MemcachedPHPTranscoder().decode(String.self, from: zlib)
        }
        #expect(error?.detail.contains("MemcachedZlib") == true)
        let zstandard = MemcachedPayload(bytes: ByteBuffer(string: "12345"), flags: 0x90)
        let other = failure { () throws(MemcachedError) in
            try MemcachedStandardTranscoder().decode(String.self, from: zstandard)
        }
        #expect(other?.detail.contains("Zstandard") == true)
    }

    @Test func `an algorithm of the user's is used, checked, and its errors are told`() throws {
        let value = ByteBuffer(string: String(repeating: "x", count: 100))
        let payload = MemcachedPayload(bytes: ByteBuffer(bytes: [100, 0, 0, 0, 1]), flags: 0x90)
        let sound = MemcachedPHPTranscoder(algorithms: [FixedSize(bytes: value)])
        #expect(try sound.decode(ByteBuffer.self, from: payload) == value)
        // More than it was allowed, or less than announced.
        for count in [101, 99] {
            let wrong = MemcachedPHPTranscoder(algorithms: [FixedSize(bytes: ByteBuffer(repeating: 1, count: count))])
            let error = failure { () throws(MemcachedError) in try wrong.decode(ByteBuffer.self, from: payload) }
            #expect(error?.code == .decodingFailed)
        }
        let broken = MemcachedCompression(FixedSize(bytes: nil), threshold: 0)
        let transcoder = MemcachedPHPTranscoder(compression: broken)
        let encoding = failure { () throws(MemcachedError) in try transcoder.encode("x") }
        #expect(encoding?.code == .encodingFailed)
        #expect(encoding?.cause is FixedSize.Refusal)
        let decoding = failure { () throws(MemcachedError) in try transcoder.decode(String.self, from: payload) }
        #expect(decoding?.code == .decodingFailed)
        #expect(decoding?.cause is FixedSize.Refusal)
    }
}

/// An algorithm that gives the same bytes in either direction, or refuses.
private struct FixedSize: MemcachedCompressionAlgorithm {
    struct Refusal: Error {}

    var bytes: ByteBuffer?

    var format: MemcachedCompressionFormat { .zstandard }

    func compress(_ bytes: ByteBuffer) throws -> ByteBuffer { try answer() }

    func decompress(_ bytes: ByteBuffer, limit: Int) throws -> ByteBuffer { try answer() }

    private func answer() throws -> ByteBuffer {
        guard let bytes else { throw Refusal() }
        return bytes
    }
}
