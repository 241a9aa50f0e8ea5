import Testing

@testable import Memcached

/// The elements of DER, and what must not be taken for one.
@Suite struct TLSElementReaderTests {
    @Test func `elements come one after the other with the content that they announce`() {
        var reader = TLSElementReader(
            [0x02, 0x01, 0x07, 0x30, 0x81, 0x80] + Array(repeating: 9, count: 128) + [0x05, 0]
        )
        let first = reader.next()
        #expect(first?.tag == 2)
        #expect(first.map { Array($0.content) } == [7])
        let second = reader.next()
        #expect(second?.tag == 0x30)
        #expect(second?.content.count == 128)
        #expect(!reader.isAtEnd)
        let third = reader.next()
        #expect(third?.content.isEmpty == true)
        #expect(reader.isAtEnd)
        #expect(reader.next() == nil)
    }

    @Test func `an element of another tag stays to be read`() {
        var reader = TLSElementReader([0x02, 0x01, 0x07])
        #expect(reader.next(tag: 0x30) == nil)
        #expect(reader.next(tag: 0x02).map(Array.init) == [7])
    }

    @Test(
        arguments: [
            [0x02], [0x02, 0x01], [0x02, 0x03, 1, 2],
            // Lengths without an end, of no bytes, of more bytes than there are, and of more than three.
            [0x30, 0x80, 0, 0], [0x30, 0x82, 1], [0x30, 0x84, 0, 0, 0, 0], [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            [0x30, 0x88, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x30, 0xFF, 1],
            [0x30, 0x83, 0xFF, 0xFF, 0xFF],
            // Tags of several bytes.
            [0x1F, 0x01, 0x00], [0xBF, 0x81, 0x01, 0x00],
        ] as [[UInt8]]
    )
    func `what is not an element is not read`(bytes: [UInt8]) {
        var reader = TLSElementReader(bytes[...])
        #expect(reader.next() == nil)
        #expect(!reader.isAtEnd)
    }
}
