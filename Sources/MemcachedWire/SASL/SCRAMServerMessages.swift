/// What the server says first in a SCRAM exchange (RFC 5802 section 7): nonce, salt and iteration count.
package struct SCRAMServerFirst: Hashable, Sendable {
    /// Longer messages are refused unread, in bytes.
    ///
    /// Real ones have some 150.
    package static let longestMessage = 4_096
    /// The counts that are accepted: fewer than RFC 5802 section 5.1 allows would make guessing passwords cheap, more
    /// would let a server keep this process busy.
    package static let acceptedIterations = 4_096...100_000

    /// The client's nonce with the server's behind it.
    package let nonce: [UInt8]
    /// The salt, at least one byte.
    package let salt: [UInt8]
    /// How often the password is hashed.
    package let iterations: Int
    /// The whole message, as both signatures cover it.
    package let text: [UInt8]

    /// Reads the message.
    ///
    /// - Parameters:
    ///   - text: What the server sent.
    ///   - clientNonce: What its nonce has to begin with.
    /// - Throws: ``SCRAMFailure``.
    package init(parsing text: some Collection<UInt8>, clientNonce: [UInt8]) throws(SCRAMFailure) {
        let fields = try SCRAMFields(text)
        guard fields.first?.name != UInt8(ascii: "m") else { throw .mandatoryExtension }
        // What follows these three is for extensions, which may be ignored.
        guard
            let nonce = fields.value(of: "r", at: 0), let salt = fields.value(of: "s", at: 1),
            let count = fields.value(of: "i", at: 2)
        else { throw .malformed }
        guard nonce.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .malformed }
        guard nonce.starts(with: clientNonce), nonce.count > clientNonce.count else { throw .foreignNonce }
        guard let salt = Base64Text.decode(salt), !salt.isEmpty else { throw .malformed }
        let iterations = try Self.number(count)
        guard Self.acceptedIterations.contains(iterations) else { throw .iterations(iterations) }
        self.nonce = Array(nonce)
        self.salt = salt
        self.iterations = iterations
        self.text = Array(text)
    }

    /// A decimal number without sign and leading zero; what is too large for this machine is only said to be large.
    private static func number(_ digits: ArraySlice<UInt8>) throws(SCRAMFailure) -> Int {
        guard let first = digits.first, first != UInt8(ascii: "0") else { throw .malformed }
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { throw .malformed }
        return Int(String(decoding: digits, as: UTF8.self)) ?? .max
    }
}

/// What the server says last (RFC 5802 section 7): that it knows the password too, or that it refuses.
package struct SCRAMServerFinal: Hashable, Sendable {
    /// The server's signature; who holds it against the right one does so in constant time.
    package let signature: [UInt8]

    /// Reads the message.
    ///
    /// - Parameter text: What the server sent.
    /// - Throws: ``SCRAMFailure``; ``SCRAMFailure/refused`` when the server names an error instead.
    package init(parsing text: some Collection<UInt8>) throws(SCRAMFailure) {
        let fields = try SCRAMFields(text)
        if fields.value(of: "e", at: 0) != nil { throw .refused }
        guard let value = fields.value(of: "v", at: 0), let signature = Base64Text.decode(value), !signature.isEmpty
        else { throw .malformed }
        self.signature = signature
    }
}

/// A message's fields `a=…,b=…` in their order.
private struct SCRAMFields {
    struct Field {
        var name: UInt8
        var value: ArraySlice<UInt8>
    }

    private let fields: [Field]

    init(_ text: some Collection<UInt8>) throws(SCRAMFailure) {
        guard text.count <= SCRAMServerFirst.longestMessage else { throw .malformed }
        var fields: [Field] = []
        for part in Array(text).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let name = part.first, Self.isLetter(name), part.dropFirst().first == UInt8(ascii: "="),
                !part.contains(0)
            else { throw .malformed }
            fields.append(Field(name: name, value: part.dropFirst(2)))
        }
        self.fields = fields
    }

    var first: Field? { fields.first }

    /// The value at a position, if the field there has this name; values are never empty.
    func value(of name: Unicode.Scalar, at position: Int) -> ArraySlice<UInt8>? {
        guard position < fields.count, fields[position].name == UInt8(ascii: name), !fields[position].value.isEmpty
        else { return nil }
        return fields[position].value
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}
