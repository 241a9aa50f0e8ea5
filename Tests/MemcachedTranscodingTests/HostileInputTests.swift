import Memcached
import MemcachedZlib
import NIOCore
import Testing

/// Damaged and invented bytes: every one ends in a value within its limit or in an error.
///
/// The long loops let other tests have their thread from time to time.
@Suite struct HostileInputTests {
    private static let limit = 3_000

    @Test func `100,000 damaged FastLZ blocks do no harm`() async throws {
        let algorithm = MemcachedFastLZAlgorithm()
        var generator = SeededGenerator(seed: 0x5EED_0005)
        var blocks = try ValueRow.all().filter { $0.flags & 0xF0 == 0x50 }.map { Array($0.bytesBase64.dropFirst(4)) }
        blocks = blocks.filter { $0.count < 1_000 }
        blocks += (0..<40)
            .map { _ in
                Array(algorithm.compress(ByteBuffer(bytes: generator.compressibleBytes(200))).readableBytesView)
            }
        blocks += [[0x20, 7, 0xE0, 0xFF, 0xFF, 0x07, 0x00, 0x3F, 0xFF, 0x00, 0x01]]
        var outcomes = Outcomes()
        for number in 0..<100_000 {
            if number % 250 == 0 { await Task.yield() }
            let block = generator.mutated(blocks[number % blocks.count])
            do throws(MemcachedDecompressionError) {
                let value = try algorithm.decompress(ByteBuffer(bytes: block), limit: Self.limit)
                #expect(value.readableBytes <= Self.limit)
                outcomes.values += 1
            } catch .limitExceeded {
                outcomes.tooLarge += 1
            } catch .malformed {
                outcomes.malformed += 1
            }
        }
        #expect(outcomes.values > 1_000 && outcomes.tooLarge > 1_000 && outcomes.malformed > 1_000)
    }

    @Test func `100,000 damaged payloads of any flags do no harm`() async throws {
        var generator = SeededGenerator(seed: 0x5EED_0006)
        let php = MemcachedPHPTranscoder(
            algorithms: [MemcachedZlibAlgorithm()],
            deserializers: [StubSerializer(.php)],
            decompressedByteLimit: Self.limit
        )
        let standard = MemcachedStandardTranscoder(
            algorithms: [MemcachedZlibAlgorithm()],
            decompressedByteLimit: Self.limit,
            ignoresForeignFlags: true
        )
        let seeds = try ValueRow.all().map(\.payload) + OddRow.all().map(\.payload)
        let small = seeds.filter { $0.bytes.readableBytes < 200 }
        var outcomes = Outcomes()
        for number in 0..<100_000 {
            if number % 250 == 0 { await Task.yield() }
            var payload = small[number % small.count]
            payload.bytes = ByteBuffer(bytes: generator.mutated(Array(payload.bytes.readableBytesView)))
            switch generator.below(8) {
            case 0: payload.flags = UInt32(truncatingIfNeeded: generator.next())
            case 1: payload.flags = UInt32(generator.below(0x100))
            case 2: payload.flags ^= 1 << UInt32(generator.below(32))
            default: break
            }
            let transcoder: any MemcachedTranscoder = number % 4 == 0 ? standard : php
            if let error = refusal(of: payload, by: transcoder, number) {
                #expect(error.code == .decodingFailed)
                outcomes.malformed += 1
            } else {
                outcomes.values += 1
            }
        }
        #expect(outcomes.values > 1_000 && outcomes.malformed > 1_000)
    }

    private func refusal(
        of payload: MemcachedPayload,
        by transcoder: any MemcachedTranscoder,
        _ number: Int
    ) -> MemcachedError? {
        failure { () throws(MemcachedError) in
            switch number / 4 % 6 {
            case 0:
                let value = try transcoder.value([UInt8].self, of: payload)
                #expect(value.count <= max(Self.limit, payload.bytes.readableBytes))
            case 1: _ = try transcoder.value(String.self, of: payload)
            case 2: _ = try transcoder.value(Int16.self, of: payload)
            case 3: _ = try transcoder.value(Double.self, of: payload)
            case 4: _ = try transcoder.value(Bool?.self, of: payload)
            default: _ = try transcoder.value(JSONValue?.self, of: payload)
            }
        }
    }

    private struct Outcomes {
        var values = 0
        var malformed = 0
        var tooLarge = 0
    }
}
