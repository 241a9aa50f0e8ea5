import Testing

@testable import MemcachedSessions

@Suite struct SessionIDGeneratorTests {
    static func ids(_ length: Int, _ bits: Int) -> MemcachedSessionConfiguration.IDs {
        var ids = MemcachedSessionConfiguration.IDs()
        ids.length = length
        ids.bitsPerCharacter = bits
        return ids
    }

    @Test(arguments: [
        (4, "0123456789abcdef"), (5, "0123456789abcdefghijklmnopqrstuv"),
        (6, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-"),
    ])
    func `each width has PHP's alphabet and uses all of it`(bits: Int, alphabet: String) {
        var seen: Set<Character> = []
        for _ in 0..<200 {
            let id = SessionIDGenerator(Self.ids(64, bits)).next()
            #expect(id.utf8.count == 64)
            seen.formUnion(id)
        }
        #expect(seen == Set(alphabet))
    }

    @Test func `characters take bits from the lowest up and never twice`() {
        // 0x…43210: each hexadecimal digit of the word becomes one character.
        var word: UInt64 = 0xFEDC_BA98_7654_3210
        #expect(SessionIDGenerator(Self.ids(32, 4)).next { word } == "0123456789abcdef0123456789abcdef")
        // 12 characters of 5 bits fit into a word; its last 4 bits are thrown away, not padded.
        word = 0xF000_0000_0000_0000
        #expect(SessionIDGenerator(Self.ids(26, 5)).next { word } == String(repeating: "0", count: 26))
        word = .max
        #expect(SessionIDGenerator(Self.ids(26, 6)).next { word } == String(repeating: "-", count: 26))
    }

    @Test(arguments: [22, 26, 32, 231])
    func `ids have the length asked for and are ids`(length: Int) {
        let id = SessionIDGenerator(Self.ids(length, 6)).next()
        #expect(id.utf8.count == length)
        #expect(SessionID(id, prefix: MemcachedSessionConfiguration.defaultPrefix) != nil)
    }

    @Test func `no two of many ids are the same`() {
        let source = SessionIDGenerator(Self.ids(32, 5))
        let ids = Set((0..<10_000).map { _ in source.next() })
        #expect(ids.count == 10_000)
    }
}
