import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct ResponseReaderTests {
    var reader = ResponseReader(maximumBodyBytes: 64 << 20)

    /// What the reader finds in its buffer as it is, and lets go of.
    private mutating func round(
        isUnwanted: (ResponseHeader) -> Bool = { _ in false }
    ) throws(FramingError) -> [ResponseReader.Frame] {
        var frames: [ResponseReader.Frame] = []
        try reader.read(into: &frames, isUnwanted: isUnwanted)
        return frames
    }

    @Test mutating func `several frames of one chunk are found in order`() throws {
        reader.append(ByteBuffer(bytes: frame(opaque: 1, value: [1]) + frame(opaque: 2) + frame(opaque: 3, value: [3])))
        let frames = try round()
        #expect(frames.map(\.header.opaque) == [1, 2, 3])
        #expect(frames.compactMap(\.bodyIndex) == [24, 49, 73])
        #expect(frames[2].bodyIndex.flatMap { reader.buffer.getInteger(at: $0, as: UInt8.self) } == 3)
        #expect(try round().isEmpty)
        reader.compact()
        #expect(reader.buffer.readableBytes == 0)
    }

    @Test mutating func `nothing is found in nothing`() throws {
        #expect(try round().isEmpty)
        reader.compact()
        #expect(!reader.isInsideFrame)
        #expect(!reader.hasSeenFrame)
        reader.append(ByteBuffer())
        #expect(try round().isEmpty)
        #expect(!reader.isInsideFrame)
    }

    @Test mutating func `the bytes end inside a frame until it is complete`() throws {
        let bytes = frame(opaque: 1, value: [1, 2, 3]) + frame(opaque: 2)
        for (count, byte) in bytes.enumerated() {
            #expect(reader.isInsideFrame == (count != 0 && count != 27))
            reader.append(ByteBuffer(bytes: [byte]))
            _ = try round()
            reader.compact()
        }
        #expect(!reader.isInsideFrame)
    }

    @Test mutating func `a frame that was found is not unfinished before it is let go`() throws {
        reader.append(ByteBuffer(bytes: frame(opaque: 1)))
        _ = try round()
        #expect(!reader.isInsideFrame)
        reader.append(ByteBuffer(bytes: [0x81]))
        #expect(reader.isInsideFrame)
    }

    @Test mutating func `other bytes than a response are refused at their first`() throws {
        reader.append(ByteBuffer(string: "ERROR\r\n"))
        #expect(throws: FramingError.notBinary(firstByte: 0x45)) { try reader.next { _ in false } }
        #expect(!reader.hasSeenFrame)
    }

    @Test mutating func `a stream out of step is refused behind the frames before it`() throws {
        reader.append(ByteBuffer(bytes: frame(opaque: 1) + [0x80]))
        #expect(try reader.next { _ in false }?.header.opaque == 1)
        #expect(reader.hasSeenFrame)
        #expect(throws: FramingError.notBinary(firstByte: 0x80)) { try reader.next { _ in false } }
    }

    @Test mutating func `key and extras longer than the body are refused`() {
        let header = ResponseHeader(opcode: .get, status: .success, keyLength: 5, extrasLength: 4, bodyLength: 8)
        reader.append(ByteBuffer(bytes: header.encoded()))
        #expect(throws: FramingError.inconsistentLengths(keyLength: 5, extrasLength: 4, bodyLength: 8)) {
            try reader.next { _ in false }
        }
    }

    @Test func `a body may be as long as the limit and no longer`() throws {
        var reader = ResponseReader(maximumBodyBytes: 10)
        reader.append(ByteBuffer(bytes: frame(value: Array(repeating: 1, count: 10))))
        #expect(try reader.next { _ in false } != nil)
        reader.append(ByteBuffer(bytes: ResponseHeader(opcode: .get, status: .success, bodyLength: 11).encoded()))
        #expect(throws: FramingError.bodyTooLarge(declared: 11, limit: 10)) { try reader.next { _ in false } }
    }

    @Test func `a body over the limit is refused for a tombstone as well`() {
        var reader = ResponseReader(maximumBodyBytes: 1 << 20)
        reader.append(ByteBuffer(bytes: ResponseHeader(opcode: .get, status: .success, bodyLength: .max).encoded()))
        #expect(throws: FramingError.bodyTooLarge(declared: .max, limit: 1 << 20)) { try reader.next { _ in true } }
    }

    @Test mutating func `a declared length is not believed beyond 1 MiB`() throws {
        reader.append(ByteBuffer(bytes: ResponseHeader(opcode: .get, status: .success, bodyLength: 60 << 20).encoded()))
        _ = try round()
        reader.compact()
        #expect(reader.buffer.storageCapacity <= 2 << 20)
        var received = 24
        for _ in 0..<40 {
            reader.append(ByteBuffer(repeating: 1, count: 100_000))
            received += 100_000
            _ = try round()
            reader.compact()
            #expect(reader.buffer.readableBytes == received)
            #expect(reader.buffer.storageCapacity <= max(2 << 20, 4 * received))
        }
    }

    @Test mutating func `a large value survives everything that comes after it`() throws {
        var values: [(ByteBuffer, UInt8)] = []
        for number in UInt8(0)..<30 {
            let length = number.isMultiple(of: 2) ? 50_000 : 200
            var bytes = frame(opaque: UInt32(number), value: Array(repeating: number, count: length))
            bytes += frame(opaque: 99, value: [0xAA]) + [0x81]
            for chunk in [bytes.prefix(30_000), bytes.dropFirst(30_000)] where !chunk.isEmpty {
                reader.append(ByteBuffer(bytes: chunk))
                for found in try round() where found.header.opaque != 99 {
                    let response = Response(
                        header: found.header,
                        buffer: reader.buffer,
                        bodyIndex: try #require(found.bodyIndex)
                    )
                    values.append((response.value, number))
                }
                reader.compact()
            }
            // The rest of the header that began.
            reader.append(ByteBuffer(bytes: frame(opaque: 99).dropFirst()))
            #expect(try round().count == 1)
            reader.compact()
        }
        #expect(values.count == 30)
        for (value, number) in values { #expect(value.readableBytesView.allSatisfy { $0 == number }) }
    }

    @Test mutating func `what was let go is not kept in memory`() throws {
        reader.append(ByteBuffer(bytes: frame(value: Array(repeating: 1, count: 1_000_000)) + [0x81]))
        _ = try round()
        reader.compact()
        #expect(reader.buffer.storageCapacity <= 64)
        reader.append(ByteBuffer(bytes: frame().dropFirst()))
        _ = try round()
        reader.compact()
        #expect(reader.buffer.storageCapacity == 0)
    }
}

extension ResponseReader.Frame: Equatable {
    static func == (left: ResponseReader.Frame, right: ResponseReader.Frame) -> Bool {
        left.header == right.header && left.bodyIndex == right.bodyIndex
    }
}
