import MemcachedWire

/// Decides which of the mechanisms that a server offers is used on one connection.
///
/// No I/O. What a server offers comes unauthenticated, so on a connection that others can change they may have left the
/// strong ones out: hence ``MemcachedAuthentication/minimumMechanism`` and ``hasOfferedSCRAM``.
struct MechanismChoice {
    var policy: MemcachedAuthentication
    /// Whether the connection is encrypted.
    var isEncrypted: Bool
    /// Whether nobody else can listen to the connection, encrypted or not.
    var isPrivate: Bool
    /// Whether the server has offered SCRAM before, to anyone in this process.
    var hasOfferedSCRAM: Bool

    /// Chooses.
    ///
    /// - Parameter offered: What the server named.
    /// - Returns: The strongest mechanism that may be used.
    /// - Throws: ``MemcachedError/Code/noSuitableMechanism``; nothing secret has been sent then.
    func mechanism(among offered: [SASLMechanism]) throws(MemcachedError) -> MemcachedAuthentication.Mechanism {
        let wanted = MemcachedAuthentication.Mechanism.allCases.filter { mechanism in
            policy.mechanism.map { mechanism == $0 } ?? (mechanism >= policy.minimumMechanism)
        }
        guard let best = wanted.last(where: { offered.contains($0.name) }) else {
            throw Self.unsuitable(
                "the server does not offer \(Self.list(wanted)) (it offers: \(Self.presentable(offered))); "
                    + "add one to mech_list on the server\(policy == .init() ? "" : ", or see authentication")"
            )
        }
        guard best == .plain, !isEncrypted, !isPrivate else { return best }
        guard !policy.requireEncryption else {
            throw Self.unsuitable(
                "PLAIN would show the password to whoever listens, and authentication.requireEncryption forbids that. "
                    + "Set tls, or add SCRAM to mech_list on the server"
            )
        }
        // One mechanism that is fixed by configuration is nobody else's choice.
        guard policy.mechanism == .plain || !hasOfferedSCRAM else {
            throw Self.unsuitable(
                "the server offered SCRAM before and now offers only PLAIN, which shows the password to whoever listens. "
                    + "Somebody in between may have taken SCRAM out; if the server was changed by intent, set "
                    + "authentication.mechanism to .plain or restart this process"
            )
        }
        return best
    }

    /// Whether a list holds a mechanism that proves the password without showing it, and that is known here.
    static func offersSCRAM(_ offered: [SASLMechanism]) -> Bool {
        MemcachedAuthentication.Mechanism.allCases.contains { $0 != .plain && offered.contains($0.name) }
    }

    private static func list(_ mechanisms: [MemcachedAuthentication.Mechanism]) -> String {
        let names = mechanisms.map { "SASL \($0.rawValue)" }
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    /// The names as errors may show them: a server may send any number of any length.
    private static func presentable(_ offered: [SASLMechanism]) -> String {
        guard !offered.isEmpty else { return "none" }
        let shown = offered.prefix(16).map { String($0.name.prefix(longestMechanismName)) }
        return shown.joined(separator: ", ") + (offered.count > shown.count ? ", …" : "")
    }

    /// The longest name of a mechanism that RFC 4422 section 3.1 allows.
    private static let longestMechanismName = 20

    private static func unsuitable(_ detail: String) -> MemcachedError {
        MemcachedError(
            .noSuitableMechanism,
            detail,
            operation: Opcode.saslListMechanisms.description,
            outcome: .rejected
        )
    }
}
