/// What the client says first in a SCRAM exchange (RFC 5802 section 7): user name and nonce, no secret.
package struct SCRAMClientFirst: Hashable, Sendable {
    /// `n,,`: the client does not bind the exchange to TLS, and speaks for nobody else.
    package static let header = Array("n,,".utf8)

    /// The client's part of the nonce: printable ASCII without commas.
    package let nonce: [UInt8]
    /// The message without its header, as both signatures cover it.
    package let bare: [UInt8]

    /// Makes the message.
    ///
    /// - Parameters:
    ///   - user: The user's name, prepared.
    ///   - nonce: Fresh for each exchange, printable ASCII without commas.
    package init(user: String, nonce: [UInt8]) {
        self.nonce = nonce
        self.bare = Array("n=".utf8) + Self.escaped(user) + Array(",r=".utf8) + nonce
    }

    /// The message as it is sent.
    package var message: [UInt8] { Self.header + bare }

    /// Comma and equals sign have a meaning in the message, so that they are written `=2C` and `=3D` in a name.
    private static func escaped(_ user: String) -> [UInt8] {
        user.utf8.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: ","): Array("=2C".utf8)
            case UInt8(ascii: "="): Array("=3D".utf8)
            default: [byte]
            }
        }
    }
}

/// What the client says second (RFC 5802 section 7): a proof that it knows the password.
package struct SCRAMClientFinal: Hashable, Sendable {
    /// The message without its proof, as both signatures cover it.
    package let withoutProof: [UInt8]
    /// What client and server sign: the three messages without the proof, with commas between them.
    package let signed: [UInt8]

    /// Makes the message, still without its proof.
    package init(first: SCRAMClientFirst, serverFirst: SCRAMServerFirst) {
        self.withoutProof =
            Array("c=".utf8) + Base64Text.encode(SCRAMClientFirst.header) + Array(",r=".utf8) + serverFirst.nonce
        let comma = UInt8(ascii: ",")
        self.signed = first.bare + [comma] + serverFirst.text + [comma] + withoutProof
    }

    /// The message as it is sent.
    package func message(proof: [UInt8]) -> [UInt8] {
        withoutProof + Array(",p=".utf8) + Base64Text.encode(proof)
    }
}
