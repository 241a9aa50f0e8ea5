import Foundation
import Testing

@testable import Memcached

@Suite struct MemcachedKeyTests {
    /// Texts whose storage and contents are as different as they come.
    static let texts: [String] = [
        "", "k", "fifteen bytes!!", "more than fifteen bytes, so not a small string", "user:42", "grün", "日本語",
        "👩‍👩‍👧‍👦", "e\u{301}", "\u{E9}", "\0", "a\0b", "\r\n", " ", "\u{FEFF}bom", "\u{10FFFF}",
        String(repeating: "é", count: 125),
    ]

    @Test(arguments: texts)
    func `a key of text is the key of its bytes`(text: String) {
        let key = MemcachedKey(text)
        let same = MemcachedKey(bytes: Array(text.utf8))
        #expect(key == same)
        #expect(key.hashValue == same.hashValue)
        #expect(key.bytes == Array(text.utf8))
        #expect(key.byteCount == text.utf8.count)
        #expect(same.byteCount == key.byteCount)
        #expect(key.description == text)
        #expect(Set([key, same]).count == 1)
        #expect([key: 1][same] == 1)
    }

    @Test(arguments: texts)
    func `where the text comes from makes no difference`(text: String) {
        let key = MemcachedKey(text)
        let padded = "<" + text + ">"
        let foreign = NSString(string: text)
        let others = [
            MemcachedKey(padded.dropFirst().dropLast()),
            MemcachedKey(foreign as String),
            MemcachedKey(String(decoding: Array(text.utf16), as: UTF16.self)),
            MemcachedKey(text.unicodeScalars.map(String.init).joined()),
            MemcachedKey("\(text)"),
            MemcachedKey(bytes: text.utf8),
            MemcachedKey(bytes: Data(text.utf8)),
            MemcachedKey(bytes: AnySequence(text.utf8)),
        ]
        for other in others {
            #expect(other == key)
            #expect(other.hashValue == key.hashValue)
            #expect(other.withUnsafeBytes { Array($0) } == Array(text.utf8))
        }
    }

    /// Swift calls these texts equal; memcached does not, and other clients neither.
    @Test func `texts of different bytes are different keys`() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed)
        #expect(MemcachedKey(composed) != MemcachedKey(decomposed))
        #expect(Set([MemcachedKey(composed), MemcachedKey(decomposed)]).count == 2)
    }

    @Test func `NUL ends no key`() {
        #expect(MemcachedKey("a\0b") != MemcachedKey("a\0c"))
        #expect(MemcachedKey("a\0") != "a")
        #expect(MemcachedKey("a\0b").bytes == [0x61, 0, 0x62])
    }

    @Test func `a key that begins another is another`() {
        #expect(MemcachedKey("ab") != MemcachedKey("abc"))
        #expect(MemcachedKey("") != MemcachedKey("a"))
        #expect(MemcachedKey(bytes: []) == MemcachedKey(""))
    }

    @Test func `bytes that are not text are a key`() {
        let key = MemcachedKey(bytes: [0x00, 0xFF, 0x80])
        #expect(key.bytes == [0x00, 0xFF, 0x80])
        #expect(key.byteCount == 3)
        #expect(key.description == "\0\u{FFFD}\u{FFFD}")
        // What it shows is another key.
        #expect(key != MemcachedKey(key.description))
    }

    @Test func `literals and interpolations are keys`() {
        let id = 42
        let literal: MemcachedKey = "user:42"
        let interpolated: MemcachedKey = "user:\(id)"
        let empty: MemcachedKey = ""
        #expect(literal == interpolated)
        #expect(literal == MemcachedKey(bytes: Array("user:42".utf8)))
        #expect(empty.byteCount == 0)
    }

    @Test(arguments: UInt64(1)...5)
    func `random bytes are equal to themselves only`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let bytes = generator.bytes(generator.pick(1...250))
            let key = MemcachedKey(bytes: bytes)
            #expect(key.bytes == bytes)
            #expect(key == MemcachedKey(bytes: bytes))
            #expect(key.hashValue == MemcachedKey(bytes: bytes).hashValue)
            var changed = bytes
            changed[generator.pick(0...bytes.count - 1)] ^= 1 << UInt8(generator.pick(0...7))
            #expect(key != MemcachedKey(bytes: changed))
        }
    }
}
