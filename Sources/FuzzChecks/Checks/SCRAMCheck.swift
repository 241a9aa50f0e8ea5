import MemcachedWire

/// A server's messages of SCRAM are read strictly, and prepared text stays as it is when it is prepared again.
///
/// Input: a server's first or last message, and the same bytes as a user name. The client's nonce is ``nonce``.
enum SCRAMCheck {
    /// What a server's nonce has to begin with.
    static let nonce = Array("fyko".utf8)

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        if let broken = preparation(bytes) { return .broken(broken) }
        let (isFirst, first) = firstMessage(bytes)
        if let first { return .broken(first) }
        let (isLast, last) = lastMessage(bytes)
        if let last { return .broken(last) }
        if isFirst, isLast { return .broken("one message of SCRAM reads as the first and as the last") }
        return isFirst || isLast ? .accepted : .refused
    }

    private static func firstMessage(_ bytes: [UInt8]) -> (isAccepted: Bool, broken: String?) {
        guard let message = try? SCRAMServerFirst(parsing: bytes, clientNonce: nonce) else { return (false, nil) }
        guard message.text == bytes, bytes.count <= SCRAMServerFirst.longestMessage else {
            return (true, "a first message of SCRAM is not kept as it came")
        }
        guard message.nonce.starts(with: nonce), message.nonce.count > nonce.count else {
            return (true, "a nonce is accepted that does not extend the client's")
        }
        guard SCRAMServerFirst.acceptedIterations.contains(message.iterations), !message.salt.isEmpty else {
            return (true, "a count out of bounds, or no salt, is accepted")
        }
        let again =
            Array("r=".utf8) + message.nonce + Array(",s=".utf8) + Base64Text.encode(message.salt)
            + Array(",i=\(message.iterations)".utf8)
        guard bytes.starts(with: again) else { return (true, "a first message of SCRAM means another one") }
        let final = SCRAMClientFinal(first: SCRAMClientFirst(user: "alice", nonce: nonce), serverFirst: message)
        let commas = final.signed.count { $0 == UInt8(ascii: ",") }
        guard commas == bytes.count(where: { $0 == UInt8(ascii: ",") }) + 4 else {
            return (true, "what is signed is not the three messages")
        }
        return (true, nil)
    }

    private static func lastMessage(_ bytes: [UInt8]) -> (isAccepted: Bool, broken: String?) {
        guard let message = try? SCRAMServerFinal(parsing: bytes) else { return (false, nil) }
        let again = Array("v=".utf8) + Base64Text.encode(message.signature)
        return (true, bytes.starts(with: again) ? nil : "a signature reads as another one")
    }

    private static func preparation(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        let bare = SCRAMClientFirst(user: text, nonce: nonce).bare
        guard bare.count(where: { $0 == UInt8(ascii: ",") }) == 1 else { return "a name ends where it should not" }
        guard let prepared = try? SASLPrep.prepare(text) else { return nil }
        guard !prepared.isEmpty, !prepared.utf8.contains(0), (try? SASLPrep.prepare(prepared)) == prepared else {
            return "prepared text changes when it is prepared again"
        }
        return nil
    }
}
