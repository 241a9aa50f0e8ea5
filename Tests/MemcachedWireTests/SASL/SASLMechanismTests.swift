import MemcachedWire
import Testing

/// Mechanism names and lists of them.
struct SASLMechanismTests {
    @Test(
        arguments: [
            ("", []), ("PLAIN", ["PLAIN"]), ("plain", ["PLAIN"]), ("PLAIN\0", ["PLAIN"]), ("\0PLAIN\0\0", ["PLAIN"]),
            ("PLAIN  CRAM-MD5", ["PLAIN", "CRAM-MD5"]), ("  PLAIN ", ["PLAIN"]), (" \0 ", []),
            ("PLAIN\0SCRAM-SHA-256", ["PLAIN", "SCRAM-SHA-256"]), ("PLAIN\r\nLOGIN\t", ["PLAIN", "LOGIN"]),
            ("scram-sha-256 Plain X_1", ["SCRAM-SHA-256", "PLAIN", "X_1"]),
        ] as [(String, [String])]
    )
    func `a list is read leniently`(text: String, names: [String]) {
        #expect(SASLMechanism.list(parsing: text.utf8).map(\.name) == names)
    }

    @Test func `bytes that are no text make no name`() {
        #expect(SASLMechanism.list(parsing: [0xFF, 0xFE, 0x00, 0x80]).isEmpty)
        #expect(SASLMechanism.list(parsing: [0xFF] + Array("PLAIN".utf8) + [0xC3]) == [.plain])
    }

    @Test func `names are compared without regard to case`() {
        #expect(SASLMechanism("plain") == .plain)
        #expect(SASLMechanism("Scram-Sha-1") == SASLMechanism("SCRAM-SHA-1"))
        #expect(SASLMechanism("login") != .plain)
        #expect(SASLMechanism("plain").description == "PLAIN")
    }

    @Test func `a name that only looks like PLAIN is another one`() {
        #expect(SASLMechanism("pla\u{131}n") != .plain)
        #expect(SASLMechanism("\u{FF30}LAIN") != .plain)
    }
}
