import Testing

@testable import MemcachedSessions

@Suite struct SessionIDTests {
    static let prefix = MemcachedSessionConfiguration.defaultPrefix

    @Test(arguments: [
        String(repeating: "a", count: 22), String(repeating: "Z", count: 231), "0123456789abcdefghijkl,-AZ",
    ])
    func `ids of PHP's alphabets and lengths are accepted`(text: String) {
        #expect(SessionID(text, prefix: Self.prefix)?.text == text)
    }

    @Test(arguments: [
        "", String(repeating: "a", count: 21), String(repeating: "a", count: 232), String(repeating: "a", count: 5_000),
        "lock." + String(repeating: "a", count: 32), String(repeating: "a", count: 31) + ".",
        String(repeating: "a", count: 31) + " ", String(repeating: "a", count: 31) + "\n",
        String(repeating: "a", count: 31) + "\0", String(repeating: "a", count: 31) + "/",
        String(repeating: "a", count: 31) + "|", String(repeating: "a", count: 31) + "ä",
        String(repeating: "a", count: 31) + "１", "../../../../../../../../etc/passwd",
    ])
    func `everything else is no id`(text: String) {
        #expect(SessionID(text, prefix: Self.prefix) == nil)
    }

    @Test func `every other byte than the alphabet's is refused`() {
        let allowed = Set("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-".utf8)
        for byte in UInt8(0)...127 {
            let text = String(repeating: "a", count: 25) + String(UnicodeScalar(byte))
            #expect((SessionID(text, prefix: "") != nil) == allowed.contains(byte), "byte \(byte)")
        }
    }

    @Test(arguments: [
        ("", 231), (prefix, 231), (String(repeating: "p", count: 15), 230), (String(repeating: "p", count: 223), 22),
    ])
    func `prefix, lock and id together fit into the 250 bytes of a key`(prefix: String, longest: Int) {
        #expect(SessionID.maximumLength(prefix: prefix) == longest)
        let text = String(repeating: "x", count: longest)
        #expect(SessionID(text, prefix: prefix) != nil)
        #expect(SessionID(text + "x", prefix: prefix) == nil)
        #expect((prefix + SessionID.lockPrefix + text).utf8.count <= 250)
    }

    @Test func `an id shows itself in no description`() throws {
        let text = "0123456789abcdefghijklmnopqrstuv"
        let id = try #require(SessionID(text, prefix: ""))
        var dumped = ""
        dump(id, to: &dumped)
        for shown in ["\(id)", String(reflecting: id), id.label, dumped] {
            #expect(!shown.contains(text.prefix(8)))
        }
        #expect(id.label.utf8.count == 16)
        #expect(id.label == SessionID(text, prefix: "")?.label)
        #expect(id.label != SessionID(String(text.reversed()), prefix: "")?.label)
    }
}
