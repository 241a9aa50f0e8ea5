import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct ResponseTests {
    /// Reads a frame that stands behind other bytes in a buffer.
    static func read(_ frame: [UInt8]) throws -> (Response, ByteBuffer) {
        let buffer = ByteBuffer(bytes: [9, 9, 9] + frame + [8, 8])
        let header = try ResponseHeader(parsing: frame.span.bytes)
        return (Response(header: header, buffer: buffer, bodyIndex: 3 + ResponseHeader.byteCount), buffer)
    }

    @Test func `a hit has flags, key and value`() throws {
        let (response, _) = try Self.read(
            frame(.getKey, extras: [0xDE, 0xAD, 0xBE, 0xEF], key: Array("key".utf8), value: Array("value".utf8))
        )
        #expect(response.status == .success)
        #expect(response.flags == 0xDEAD_BEEF)
        #expect(String(buffer: response.key) == "key")
        #expect(String(buffer: response.value) == "value")
    }

    @Test func `the echoed key is compared byte for byte, behind its namespace`() throws {
        let (response, _) = try Self.read(frame(.getKey, extras: [0, 0, 0, 0], key: Array("ns:0123456789".utf8)))
        #expect(response.hasKey)
        #expect(response.hasKey("ns:0123456789", behind: ""))
        #expect(response.hasKey("0123456789", behind: "ns:"))
        for (key, namespace) in [
            ("0123456789", ""), ("0123456789", "NS:"), ("0123456788", "ns:"), ("012345678", "ns:"),
            ("01234567890", "ns:"), ("ns:0123456789", "ns:"), ("", "ns:0123456789x"),
        ] {
            #expect(!response.hasKey(MemcachedKey(key), behind: namespace), "\(namespace) \(key)")
        }
        let (other, _) = try Self.read(frame(extras: [0, 0, 0, 0], value: Array("key".utf8)))
        #expect(!other.hasKey && !other.hasKey("key", behind: ""))
        // A header that promises a key that is not there.
        let header = ResponseHeader(opcode: .getKey, status: .success, keyLength: 9, bodyLength: 2, opaque: 0)
        let cut = Response(header: header, buffer: ByteBuffer(string: "ab"), bodyIndex: 0)
        #expect(!cut.hasKey("abcdefghi", behind: ""))
    }

    @Test func `an empty value is a value`() throws {
        let (response, _) = try Self.read(frame(extras: [0, 0, 0, 1]))
        #expect(response.flags == 1)
        #expect(response.key.readableBytes == 0)
        #expect(response.value.readableBytes == 0)
    }

    @Test(arguments: [[], [1], [1, 2, 3]] as [[UInt8]])
    func `fewer than four bytes of extras are no flags`(extras: [UInt8]) throws {
        let (response, _) = try Self.read(frame(extras: extras, value: Array("abcdefgh".utf8)))
        #expect(response.flags == 0)
        #expect(String(buffer: response.value) == "abcdefgh")
    }

    @Test func `more than four bytes of extras are skipped`() throws {
        let (response, _) = try Self.read(frame(extras: [0, 0, 0, 7, 1, 2], key: [65], value: [66]))
        #expect(response.flags == 7)
        #expect(String(buffer: response.key) == "A")
        #expect(String(buffer: response.value) == "B")
    }

    @Test func `the text of an error is the value`() throws {
        let (response, _) = try Self.read(frame(status: .notFound, value: Array("Not found".utf8)))
        #expect(response.status == .notFound)
        #expect(String(buffer: response.value) == "Not found")
    }

    @Test func `CAS 0 is none`() throws {
        #expect(Response(status: .success).casToken == nil)
        #expect(Response(status: .success, cas: .max).casToken?.rawValue == .max)
    }

    /// A slice of a few bytes would keep a whole receive buffer alive.
    @Test(arguments: [1, 100, 10_000])
    func `a value that is kept has storage of its size`(length: Int) throws {
        let large = ByteBuffer(
            bytes: frame(value: Array(repeating: 5, count: length)) + Array(repeating: 0, count: 65_536)
        )
        let header = try ResponseHeader(parsing: frame(value: Array(repeating: 5, count: length)).span.bytes)
        let response = Response(header: header, buffer: large, bodyIndex: ResponseHeader.byteCount)
        #expect(Self.address(of: response.value).map(Self.range(of: large).contains) == true)
        let item = response.item
        #expect(item.bytes == Array(repeating: 5, count: length))
        #expect(item.value.storageCapacity <= max(256, 2 * length))
        #expect(Self.address(of: item.value).map { !Self.range(of: large).contains($0) } == true)
    }

    @Test func `a value that fills its storage is shared`() throws {
        let (response, buffer) = try Self.read(frame(value: Array(repeating: 5, count: 16_385)))
        #expect(response.ownValue.readableBytes == 16_385)
        #expect(Self.address(of: response.ownValue).map(Self.range(of: buffer).contains) == true)
    }

    private static func address(of buffer: ByteBuffer) -> UInt? {
        buffer.withUnsafeReadableBytes { $0.baseAddress.map { UInt(bitPattern: $0) } }
    }

    private static func range(of buffer: ByteBuffer) -> Range<UInt> {
        let start = address(of: buffer) ?? 0
        return start..<start + UInt(buffer.readableBytes)
    }
}
