import MemcachedWire

/// Lists of mechanisms give names and nothing else; PLAIN keeps user and password apart; SCRAM as ``SCRAMCheck`` says.
///
/// Input: a list of mechanisms; the same bytes, cut at the first bar, are a user and a password; a message of SCRAM.
enum SASLCheck {
    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        let scram = SCRAMCheck.check(bytes)
        if case .broken = scram { return scram }
        let verdict = listAndPlain(bytes)
        return verdict == .refused ? scram : verdict
    }

    private static func listAndPlain(_ bytes: [UInt8]) -> FuzzVerdict {
        let mechanisms = SASLMechanism.list(parsing: bytes)
        for mechanism in mechanisms {
            let isName = mechanism.name.utf8.allSatisfy { byte in
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: "_")
            }
            guard isName, !mechanism.name.isEmpty else { return .broken("a mechanism has a name that none can have") }
        }
        let again = SASLMechanism.list(parsing: mechanisms.map { $0.name.lowercased() }.joined(separator: " ").utf8)
        guard again == mechanisms else { return .broken("the names of mechanisms read as others") }

        let parts = bytes.split(separator: UInt8(ascii: "|"), maxSplits: 1, omittingEmptySubsequences: false)
        let user = String(decoding: parts.first ?? [], as: UTF8.self)
        let password = String(decoding: parts.dropFirst().first ?? [], as: UTF8.self)
        let message: [UInt8]
        do throws(SASLPlain.Failure) {
            message = try SASLPlain.message(user: user, password: password)
        } catch {
            return mechanisms.isEmpty ? .refused : .accepted
        }
        let fields = message.split(separator: 0, omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].isEmpty, fields[1].elementsEqual(user.utf8),
            fields[2].elementsEqual(password.utf8)
        else { return .broken("a PLAIN message does not hold user and password") }
        return .accepted
    }
}
