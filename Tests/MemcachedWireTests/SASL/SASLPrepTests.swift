import MemcachedWire
import Testing

/// SASLprep without its normalisation; the samples of RFC 4013 section 3 that need none are among these.
struct SASLPrepTests {
    @Test(
        arguments: [
            ("I\u{AD}X", "IX"), ("user", "user"), ("USER", "USER"), (" a b ", " a b "), ("dörte", "dörte"),
            ("p\u{E9}\u{20AC} w", "p\u{E9}\u{20AC} w"), ("a\u{A0}b", "a b"), ("a\u{3000}b\u{2009}c", "a b c"),
            ("a\u{200B}b", "a b"), ("\u{FEFF}a\u{2060}b\u{200D}c\u{FE0F}", "abc"), ("密码", "密码"), ("🔑", "🔑"),
            ("\u{627}\u{628}", "\u{627}\u{628}"), ("\u{627}1\u{628}", "\u{627}1\u{628}"),
            ("\u{5D0} \u{5D1}", "\u{5D0} \u{5D1}"),
            ("~!@#$%^&*()=,;'\"\\", "~!@#$%^&*()=,;'\"\\"),
        ] as [(String, String)]
    )
    func `blanks and what is left out are mapped, the rest stays`(text: String, prepared: String) throws {
        #expect(try Array(SASLPrep.prepare(text).unicodeScalars) == Array(prepared.unicodeScalars))
        #expect(try SASLPrep.prepare(prepared) == prepared)
    }

    @Test(
        arguments: [
            0x07, 0x00, 0x7F, 0x0A, 0x85, 0x6DD, 0x2028, 0xE000, 0xF_0000, 0x10_FFFD, 0xFDD0, 0xFFFE, 0xFFFF, 0x1_FFFE,
            0x10_FFFF, 0xFFFD, 0x2FF0, 0x340, 0x200E, 0x202E, 0x206A, 0xE_0001, 0xE_0041, 0x1_D173,
        ] as [UInt32]
    )
    func `what RFC 3454 prohibits is refused`(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        for text in ["\(scalar)", "a\(scalar)", "ä\(scalar)b"] {
            #expect(throws: SASLPrep.Failure.prohibited) { try SASLPrep.prepare(text) }
        }
    }

    @Test(arguments: [
        "\u{627}1", "1\u{627}", "\u{627}a\u{628}", "a\u{5D0}", "\u{5D0}\u{3B1}\u{5D0}", "\u{5D0}密\u{5D1}",
    ])
    func `mixed writing directions are refused`(text: String) {
        #expect(throws: SASLPrep.Failure.mixedDirections) { try SASLPrep.prepare(text) }
    }

    @Test(arguments: ["", "\u{AD}", "\u{200C}\u{FEFF}"])
    func `text of which nothing is left is refused`(text: String) {
        #expect(throws: SASLPrep.Failure.empty) { try SASLPrep.prepare(text) }
    }

    @Test func `combining marks are kept as they are`() throws {
        #expect(try Array(SASLPrep.prepare("e\u{301}").unicodeScalars) == ["e", "\u{301}"])
    }
}
