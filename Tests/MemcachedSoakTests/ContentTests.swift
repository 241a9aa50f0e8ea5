import Memcached
import NIOCore
import Testing

@testable import MemcachedSoak

/// Values that say whose they are: any other bytes are noticed.
@Suite struct ContentTests {
    private let key = SoakKey(number: 8)
    private let counter = SoakKey(number: 7)
    private let content = Content.pieces(
        [Piece(sequence: 3, fillerLength: 300), Piece(sequence: 9, fillerLength: 0)],
        flags: 5
    )

    private func read(_ bytes: ByteBuffer, of key: SoakKey) -> Content? {
        Content.read(MemcachedItem(value: bytes, flags: 5), of: key)
    }

    @Test func `a value is read as it was written`() {
        #expect(read(content.bytes(for: key), of: key) == content)
        #expect(content.bytes(for: key).readableBytes == content.byteCount)
        #expect(read(ByteBuffer(), of: key) == .pieces([], flags: 5))
    }

    @Test func `another key's value is none`() {
        #expect(read(content.bytes(for: SoakKey(number: 9)), of: key) == nil)
    }

    @Test(arguments: [0, 1, 11, 12, 100, 311, 312, 323])
    func `a changed byte is noticed`(index: Int) {
        var bytes = content.bytes(for: key)
        bytes.setInteger((bytes.getInteger(at: index, as: UInt8.self) ?? 0) ^ 1, at: index)
        #expect(read(bytes, of: key) != content)
    }

    @Test(arguments: [1, 4, 251, 320])
    func `a value that begins later is none`(offset: Int) {
        var bytes = content.bytes(for: key)
        bytes.moveReaderIndex(forwardBy: offset)
        #expect(read(bytes, of: key) == nil)
    }

    @Test func `a byte too many or too few is noticed`() {
        var bytes = content.bytes(for: key)
        bytes.writeInteger(UInt8(0x81))
        #expect(read(bytes, of: key) == nil)
        let short = bytes.getSlice(at: 0, length: content.byteCount - 1) ?? ByteBuffer()
        #expect(read(short, of: key) == nil)
    }

    @Test func `a counter is a number with blanks behind it`() {
        func read(_ text: String) -> Content? {
            Content.read(MemcachedItem(value: ByteBuffer(string: text)), of: counter)
        }
        #expect(counter.isCounter && !key.isCounter)
        #expect(read("18446744073709551615") == .number(.max))
        #expect(read("9  ") == .number(9))
        for text in ["", " ", "9 8", " 9", "9x", "-1", "99999999999999999999"] { #expect(read(text) == nil, "\(text)") }
    }
}
