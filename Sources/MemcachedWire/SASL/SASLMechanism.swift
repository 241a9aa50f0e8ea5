/// A SASL mechanism by its registered name, compared without regard to case.
package struct SASLMechanism: Hashable, Sendable, CustomStringConvertible {
    /// The name in capitals, "PLAIN".
    package let name: String

    /// Takes a name in any case.
    ///
    /// Only ASCII letters change: a dotless "i" is no "I", so a name that merely looks like PLAIN stays another one.
    package init(_ name: String) {
        self.name = String(
            decoding: name.utf8.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 ^ 0x20 : $0 },
            as: UTF8.self
        )
    }

    /// RFC 4616: authorization identity, user and password in one message.
    package static let plain = SASLMechanism("PLAIN")
    /// RFC 5802: proof of the password, with SHA-1.
    package static let scramSHA1 = SASLMechanism("SCRAM-SHA-1")
    /// RFC 7677: the same with SHA-256.
    package static let scramSHA256 = SASLMechanism("SCRAM-SHA-256")
    /// The same with SHA-512, as Cyrus SASL has it.
    package static let scramSHA512 = SASLMechanism("SCRAM-SHA-512")

    /// Whether the mechanism is one of SCRAM's, known here or not, with channel binding (`-PLUS`) or without.
    package var isSCRAM: Bool { name.hasPrefix("SCRAM-") }

    package var description: String { name }

    /// Longer answers to LIST_MECHS are refused unread, in bytes.
    ///
    /// Cyrus SASL's longest has some 120.
    package static let longestList = 4_096

    /// Reads the answer to LIST_MECHS.
    ///
    /// The names are separated by blanks, one or more. Whatever no name can hold separates too and is dropped: a
    /// hosted service sent `PLAIN\0`.
    package static func list(parsing text: some Sequence<UInt8>) -> [SASLMechanism] {
        var names: [SASLMechanism] = []
        var current: [UInt8] = []
        func finish() {
            guard !current.isEmpty else { return }
            names.append(SASLMechanism(String(decoding: current, as: UTF8.self)))
            current.removeAll(keepingCapacity: true)
        }
        for byte in text {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                current.append(byte)
            default:
                finish()
            }
        }
        finish()
        return names
    }
}
