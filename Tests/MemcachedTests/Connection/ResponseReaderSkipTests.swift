import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Bodies that nobody waits for are read past, not stored.
@Suite struct ResponseReaderSkipTests {
    var reader = ResponseReader(maximumBodyBytes: 64 << 20)

    private static let large = frame(opaque: 7, value: Array(repeating: 1, count: 1_000_000))

    @Test mutating func `a long body is skipped, and the next frame is found behind it`() throws {
        let bytes = Self.large + frame(opaque: 8, value: [5])
        reader.append(ByteBuffer(bytes: bytes.prefix(1_000)))
        let skipped = try #require(try reader.next { $0.opaque == 7 })
        #expect(skipped.header.opaque == 7)
        #expect(skipped.bodyIndex == nil)
        #expect(reader.hasSeenFrame)
        reader.compact()
        var rest = bytes.dropFirst(1_000)
        while rest.count > 40 {
            #expect(reader.isInsideFrame)
            let chunk = rest.prefix(30_000)
            rest = rest.dropFirst(30_000)
            reader.append(ByteBuffer(bytes: chunk))
            let next = try reader.next { $0.opaque == 7 }
            #expect(reader.buffer.readableBytes <= 25)
            guard let next else {
                reader.compact()
                continue
            }
            #expect(next.header.opaque == 8)
            #expect(next.bodyIndex.flatMap { reader.buffer.getInteger(at: $0, as: UInt8.self) } == 5)
            reader.compact()
        }
        #expect(!reader.isInsideFrame)
        #expect(reader.buffer.readableBytes == 0)
    }

    @Test mutating func `a chunk may end where the skipped body ends`() throws {
        reader.append(ByteBuffer(bytes: Self.large.prefix(24)))
        #expect(try reader.next { _ in true }?.bodyIndex == nil)
        reader.compact()
        reader.append(ByteBuffer(bytes: Self.large.dropFirst(24).dropLast()))
        #expect(reader.isInsideFrame)
        reader.append(ByteBuffer(bytes: Self.large.suffix(1)))
        #expect(!reader.isInsideFrame)
        reader.append(ByteBuffer(bytes: frame(opaque: 8)))
        #expect(try reader.next { _ in false }?.header.opaque == 8)
    }

    @Test mutating func `frames before a skipped one are kept in the same round`() throws {
        reader.append(ByteBuffer(bytes: frame(opaque: 6, value: [1]) + Self.large.prefix(500)))
        #expect(try reader.next { $0.opaque == 7 }?.bodyIndex == 24)
        let skipped = try reader.next { $0.opaque == 7 }
        #expect(skipped?.header.opaque == 7)
        #expect(skipped?.bodyIndex == nil)
        #expect(reader.buffer.getInteger(at: 24, as: UInt8.self) == 1)
        reader.compact()
        #expect(reader.isInsideFrame)
        reader.append(ByteBuffer(bytes: Self.large.dropFirst(500) + frame(opaque: 8)))
        #expect(try reader.next { $0.opaque == 7 }?.header.opaque == 8)
    }

    @Test mutating func `a body that somebody waits for is stored`() throws {
        reader.append(ByteBuffer(bytes: Self.large.prefix(1_000)))
        #expect(try reader.next { _ in false } == nil)
        reader.compact()
        reader.append(ByteBuffer(bytes: Self.large.dropFirst(1_000)))
        let found = try #require(try reader.next { _ in true })
        let body = found.bodyIndex.flatMap { reader.buffer.getSlice(at: $0, length: 1_000_000) }
        #expect(body?.readableBytesView.allSatisfy { $0 == 1 } == true)
    }

    /// 64 KiB are worth it.
    @Test(arguments: [(65_535, false), (65_536, true)])
    func `a short rest is stored all the same`(missing: Int, isSkipped: Bool) throws {
        var reader = ResponseReader(maximumBodyBytes: 64 << 20)
        let bytes = frame(opaque: 7, value: Array(repeating: 1, count: 100_000))
        reader.append(ByteBuffer(bytes: bytes.dropLast(missing)))
        let found = try reader.next { _ in true }
        #expect((found != nil) == isSkipped)
        reader.compact()
        reader.append(ByteBuffer(bytes: bytes.suffix(missing)))
        #expect((try reader.next { _ in true } != nil) == !isSkipped)
        #expect(!reader.isInsideFrame)
    }

    @Test mutating func `a header that has not come is never unwanted`() throws {
        reader.append(ByteBuffer(bytes: Self.large.prefix(23)))
        let found = try reader.next { _ in
            Issue.record("nothing is known of this frame")
            return true
        }
        #expect(found == nil)
    }
}
