import MemcachedWire

/// One SCRAM exchange (RFC 5802 section 5), without its messages' way over the network.
///
/// Printing it shows nothing.
struct SCRAMExchange: Sendable {
    let mechanism: MemcachedAuthentication.Mechanism
    private let hash: SCRAMHash
    private let password: [UInt8]
    private let first: SCRAMClientFirst
    private var final: SCRAMClientFinal?
    private var keys: SCRAMKeys?

    /// Begins an exchange; nil with a mechanism that is not SCRAM.
    ///
    /// - Parameters:
    ///   - mechanism: Which SCRAM.
    ///   - credentials: User name and password, prepared.
    ///   - nonce: Fresh for each exchange, printable ASCII without commas.
    init?(_ mechanism: MemcachedAuthentication.Mechanism, credentials: MemcachedCredentials, nonce: [UInt8]) {
        guard let hash = SCRAMHash(mechanism) else { return nil }
        self.mechanism = mechanism
        self.hash = hash
        self.password = Array(credentials.password.utf8)
        self.first = SCRAMClientFirst(user: credentials.username, nonce: nonce)
    }

    /// What is sent first.
    var firstMessage: [UInt8] { first.message }

    /// The server answered the first message.
    ///
    /// - Returns: What the keys have to be derived from.
    /// - Throws: ``SCRAMFailure``.
    mutating func received(first text: some Collection<UInt8>) throws(SCRAMFailure) -> SCRAMDerivation {
        let serverFirst = try SCRAMServerFirst(parsing: text, clientNonce: first.nonce)
        final = SCRAMClientFinal(first: first, serverFirst: serverFirst)
        return SCRAMDerivation(
            hash: hash,
            password: password,
            salt: serverFirst.salt,
            iterations: serverFirst.iterations
        )
    }

    /// The keys have been derived.
    ///
    /// - Returns: What is sent second; nil before the server's first message.
    mutating func derived(_ keys: SCRAMKeys) -> [UInt8]? {
        guard let final else { return nil }
        self.keys = keys
        return final.message(proof: keys.proof(over: final.signed))
    }

    /// The server answered the proof.
    ///
    /// - Throws: ``SCRAMFailure`` unless the server proved that it knows the password.
    func verify(final text: some Collection<UInt8>) throws(SCRAMFailure) {
        guard let final, let keys else { throw .malformed }
        let serverFinal = try SCRAMServerFinal(parsing: text)
        guard keys.isServerSignature(serverFinal.signature, over: final.signed) else { throw .wrongSignature }
    }

    /// A nonce of 144 random bits (the system's generator is a cryptographic one).
    static func randomNonce() -> [UInt8] {
        Base64Text.encode((0..<18).map { _ in .random(in: .min ... .max) })
    }
}

extension SCRAMExchange: CustomStringConvertible, CustomReflectable {
    var description: String { "<redacted>" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
