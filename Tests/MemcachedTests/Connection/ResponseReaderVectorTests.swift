import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Captured responses and random ones, in every cut.
@Suite struct ResponseReaderVectorTests {
    /// A frame as it stands in a stream, cut out in the plain way.
    struct Plain: Equatable {
        var opcode: UInt8
        var opaque: UInt32
        var flags: UInt32
        var key: ByteBuffer
        var value: ByteBuffer

        static func frames(of stream: [UInt8]) -> [Plain] {
            var frames: [Plain] = []
            var rest = stream[...]
            while rest.count >= 24 {
                let header = Array(rest.prefix(24))
                let bodyLength = header[8..<12].reduce(0) { $0 << 8 | Int($1) }
                let body = Array(rest.dropFirst(24).prefix(bodyLength))
                let keyEnd = Int(header[4]) + Int(header[2]) << 8 + Int(header[3])
                frames.append(
                    Plain(
                        opcode: header[1],
                        opaque: header[12..<16].reduce(0) { $0 << 8 | UInt32($1) },
                        flags: header[4] < 4 ? 0 : body.prefix(4).reduce(0) { $0 << 8 | UInt32($1) },
                        key: ByteBuffer(bytes: body[Int(header[4])..<keyEnd]),
                        value: ByteBuffer(bytes: body[keyEnd...])
                    )
                )
                rest = rest.dropFirst(24 + bodyLength)
            }
            return frames
        }
    }

    /// Everything that a reader finds in chunks, looked at after all of them have come; nil when it waits for more.
    private func read(_ chunks: [ArraySlice<UInt8>]) throws -> [Plain]? {
        var reader = ResponseReader(maximumBodyBytes: 64 << 20)
        var found: [Plain] = []
        for chunk in chunks {
            reader.append(ByteBuffer(bytes: chunk))
            var frames: [ResponseReader.Frame] = []
            try reader.read(into: &frames) { _ in false }
            for frame in frames {
                guard let bodyIndex = frame.bodyIndex else { return nil }
                let response = Response(frame, in: reader.buffer, bodyIndex: bodyIndex)
                found.append(
                    Plain(
                        opcode: frame.header.opcode.rawValue,
                        opaque: frame.header.opaque,
                        flags: response.flags,
                        key: response.key,
                        value: response.value
                    )
                )
            }
            reader.compact()
        }
        return reader.isInsideFrame ? nil : found
    }

    @Test(arguments: try WireVector.answered())
    func `captured responses are found whole, byte by byte and split at every byte`(vector: WireVector) throws {
        let stream = vector.steps.flatMap(\.response)
        let expected = Plain.frames(of: stream)
        #expect(try read([stream[...]]) == expected)
        #expect(try read(stream.indices.map { stream[$0...$0] }) == expected)
        for cut in stream.indices {
            let frames = try read([stream[..<cut], stream[cut...]])
            guard frames == expected else {
                #expect(frames == expected, "split at \(cut)")
                return
            }
        }
    }

    @Test(arguments: UInt64(1)...10)
    func `random frames in random chunks come out as they went in`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var stream: [UInt8] = []
        for opaque in UInt32(0)..<60 {
            let length = [0, 1, 100, 16_384, 16_385, 40_000][generator.pick(0...5)]
            stream += frame(
                opaque: opaque,
                extras: generator.bytes([0, 4][generator.pick(0...1)]),
                key: generator.bytes(generator.pick(0...20)),
                value: Array(repeating: UInt8(truncatingIfNeeded: opaque), count: length)
            )
        }
        var chunks: [ArraySlice<UInt8>] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let count = generator.pick(1...[3, 50, 2_000, 70_000][generator.pick(0...3)])
            chunks.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        #expect(try read(chunks) == Plain.frames(of: stream))
    }
}
