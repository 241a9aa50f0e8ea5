import MemcachedWire
import Testing

/// Base64 as SCRAM needs it.
struct Base64TextTests {
    /// RFC 4648 section 10, and the two letters beyond it.
    static let samples: [([UInt8], String)] = [
        ([], ""), (Array("f".utf8), "Zg=="), (Array("fo".utf8), "Zm8="), (Array("foo".utf8), "Zm9v"),
        (Array("foob".utf8), "Zm9vYg=="), (Array("fooba".utf8), "Zm9vYmE="), (Array("foobar".utf8), "Zm9vYmFy"),
        ([0xFF, 0xEF, 0xBE], "/+++"), ([0, 0, 0], "AAAA"), (Array("n,,".utf8), "biws"),
    ]

    @Test(arguments: samples)
    func `bytes become text and text becomes bytes`(bytes: [UInt8], text: String) {
        #expect(String(decoding: Base64Text.encode(bytes), as: UTF8.self) == text)
        #expect(Base64Text.decode(Array(text.utf8)) == bytes)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zm9v\n", " Zm9", "Zm9-", "Zm9_", "Zg==Zg==",
        "Z=g=", "Zm=v", "\0\0\0\0", "Zm9ü",
    ])
    func `text that no encoder writes is refused`(text: String) {
        #expect(Base64Text.decode(Array(text.utf8)) == nil)
    }

    @Test func `all bytes come back at every length`() {
        let all = Array(UInt8.min...UInt8.max)
        for count in 0...all.count {
            let bytes = Array(all.prefix(count))
            #expect(Base64Text.decode(Base64Text.encode(bytes)) == bytes)
        }
    }
}
