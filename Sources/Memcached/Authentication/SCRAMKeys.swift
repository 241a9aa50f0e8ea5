import Crypto

/// The hash function of a SCRAM mechanism.
enum SCRAMHash: Hashable, Sendable {
    case sha1
    case sha256
    case sha512

    /// The hash function of a mechanism; nil for PLAIN.
    init?(_ mechanism: MemcachedAuthentication.Mechanism) {
        switch mechanism {
        case .plain: return nil
        case .scramSHA1: self = .sha1
        case .scramSHA256: self = .sha256
        case .scramSHA512: self = .sha512
        }
    }
}

/// What the password, the salt and the iteration count give: enough to authenticate, either way (RFC 5802 section 3).
///
/// Printing them shows nothing.
struct SCRAMKeys: Sendable {
    private let hash: SCRAMHash
    private let clientKey: SymmetricKey
    private let serverKey: SymmetricKey

    /// Derives the keys; takes some milliseconds to half a second, so never on an event loop.
    init(_ derivation: SCRAMDerivation) {
        hash = derivation.hash
        switch hash {
        case .sha1: (clientKey, serverKey) = Self.derive(Insecure.SHA1.self, derivation)
        case .sha256: (clientKey, serverKey) = Self.derive(SHA256.self, derivation)
        case .sha512: (clientKey, serverKey) = Self.derive(SHA512.self, derivation)
        }
    }

    /// The client's proof over the messages that both sides sign.
    func proof(over signed: [UInt8]) -> [UInt8] {
        switch hash {
        case .sha1: proof(Insecure.SHA1.self, signed)
        case .sha256: proof(SHA256.self, signed)
        case .sha512: proof(SHA512.self, signed)
        }
    }

    /// Whether a signature is that of a server that knows the keys too; takes the same time for each wrong one.
    func isServerSignature(_ signature: [UInt8], over signed: [UInt8]) -> Bool {
        switch hash {
        case .sha1:
            HMAC<Insecure.SHA1>.isValidAuthenticationCode(signature, authenticating: signed, using: serverKey)
        case .sha256: HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: signed, using: serverKey)
        case .sha512: HMAC<SHA512>.isValidAuthenticationCode(signature, authenticating: signed, using: serverKey)
        }
    }

    private func proof<H: HashFunction>(_: H.Type, _ signed: [UInt8]) -> [UInt8] {
        let storedKey = clientKey.withUnsafeBytes { H.hash(data: $0) }
        let signature = HMAC<H>.authenticationCode(for: signed, using: SymmetricKey(data: storedKey))
        return clientKey.withUnsafeBytes { zip($0, signature).map { $0 ^ $1 } }
    }

    private static func derive<H: HashFunction>(
        _: H.Type,
        _ derivation: SCRAMDerivation
    ) -> (client: SymmetricKey, server: SymmetricKey) {
        let password = SymmetricKey(data: iterated(H.self, derivation))
        return (
            SymmetricKey(data: HMAC<H>.authenticationCode(for: Array("Client Key".utf8), using: password)),
            SymmetricKey(data: HMAC<H>.authenticationCode(for: Array("Server Key".utf8), using: password))
        )
    }

    /// `Hi()` of RFC 5802 section 2.2: PBKDF2 (RFC 8018 section 5.2) with HMAC, of one block.
    static func iterated<H: HashFunction>(_: H.Type, _ derivation: SCRAMDerivation) -> [UInt8] {
        // The key's two blocks are hashed once and not in each iteration.
        let keyed = HMAC<H>(key: SymmetricKey(data: derivation.password))
        var first = keyed
        first.update(data: derivation.salt + [0, 0, 0, 1])
        var block = first.finalize()
        var result = Array(block)
        for _ in stride(from: 1, to: derivation.iterations, by: 1) {
            var next = keyed
            block.withUnsafeBytes { next.update(data: $0) }
            block = next.finalize()
            var index = 0
            for byte in block {
                result[index] ^= byte
                index += 1
            }
        }
        return result
    }
}

extension SCRAMKeys: CustomStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What ``SCRAMKeys`` are derived from.
///
/// Printing it shows nothing.
struct SCRAMDerivation: Hashable, Sendable {
    var hash: SCRAMHash
    /// The password as it is hashed, in UTF-8: of two passwords that `String` takes for one, each has keys of its own.
    var password: [UInt8]
    var salt: [UInt8]
    var iterations: Int
}

extension SCRAMDerivation: CustomStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
