import MemcachedWire
import Testing

/// Numbers in network byte order.
struct BigEndianTests {
    private let bytes: [UInt8] = [0x00, 0x01, 0x80, 0xFF, 0x7F, 0xDE, 0xAD, 0xBE, 0xEF, 0x10, 0x32, 0x54]

    @Test func `a number is read at any offset, aligned or not`() {
        for offset in 0...bytes.count - 8 {
            let span = bytes.span.bytes
            let rest = bytes[offset...]
            #expect(UInt64(span.bigEndian(at: offset, as: UInt8.self)) == number(rest.prefix(1)))
            #expect(UInt64(span.bigEndian(at: offset, as: UInt16.self)) == number(rest.prefix(2)))
            #expect(UInt64(span.bigEndian(at: offset, as: UInt32.self)) == number(rest.prefix(4)))
            #expect(span.bigEndian(at: offset, as: UInt64.self) == number(rest.prefix(8)))
        }
    }

    @Test(arguments: [Int.min, -1, 12, 13, .max])
    func `there is no byte outside the span`(offset: Int) {
        #expect(bytes.span.bytes.byte(at: offset) == nil)
    }

    @Test func `every byte of the span is there`() {
        #expect(bytes.indices.map { bytes.span.bytes.byte(at: $0) } == bytes)
    }

    @Test func `numbers are appended most significant byte first`() {
        var target: [UInt8] = [0xAA]
        target.appendBigEndian(UInt8(0x01))
        target.appendBigEndian(UInt16(0x0203))
        target.appendBigEndian(UInt32(0x0405_0607))
        target.appendBigEndian(UInt64(0x0809_0A0B_0C0D_0E0F))
        #expect(target == [0xAA] + Array(0x01...0x0F))
    }
}
