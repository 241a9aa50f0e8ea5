import MemcachedWire

/// How a client with credentials authenticates, beside user name and password themselves.
///
/// The defaults work with memcached and with hosted caches: the strongest mechanism that the server offers.
public struct MemcachedAuthentication: Hashable, Sendable {
    /// A SASL mechanism, weaker ones before stronger ones.
    ///
    /// ANONYMOUS, LOGIN, CRAM-MD5, DIGEST-MD5 and NTLM are never used, whatever a server offers.
    public enum Mechanism: String, Hashable, Sendable, CaseIterable, Comparable {
        /// The password itself is sent (RFC 4616).
        case plain = "PLAIN"
        /// Both sides prove that they know the password (RFC 5802).
        case scramSHA1 = "SCRAM-SHA-1"
        /// The same with SHA-256 (RFC 7677).
        case scramSHA256 = "SCRAM-SHA-256"
        /// The same with SHA-512, as Cyrus SASL has it.
        case scramSHA512 = "SCRAM-SHA-512"

        /// Whether one mechanism is weaker than another.
        public static func < (lhs: Mechanism, rhs: Mechanism) -> Bool { lhs.strength < rhs.strength }

        private var strength: Int {
            switch self {
            case .plain: 0
            case .scramSHA1: 1
            case .scramSHA256: 2
            case .scramSHA512: 3
            }
        }

        var name: SASLMechanism { SASLMechanism(rawValue) }
    }

    /// What is done with names and passwords before SCRAM hashes them.
    ///
    /// PLAIN always sends them as they are, since there the server is to prepare them (RFC 4616 section 2). Printable ASCII
    /// is the same with all of these.
    public enum Preparation: String, Hashable, Sendable, CaseIterable {
        /// ``asIs`` first; and when the server refuses that and ``saslPrep`` gives something else, that, on the same
        /// connection and with the same mechanism.
        ///
        /// The database of Cyrus SASL, which memcached uses, holds whatever `saslpasswd2` was given, byte by byte. A server
        /// that follows RFC 5802 holds what SASLprep made of it.
        case automatic
        /// SASLprep (RFC 4013) without its normalisation: blanks of all kinds become U+0020, soft hyphens and the like
        /// are left out, control characters and mixed writing directions are an error.
        ///
        /// Precomposed letters stay as they are. A server that keeps other text normalised (form KC) has to be given it
        /// normalised: Foundation's `precomposedStringWithCompatibilityMapping` does that.
        case saslPrep
        /// Nothing.
        case asIs
    }

    /// The one mechanism to use; nil for the strongest that the server offers.
    public var mechanism: Mechanism?
    /// The weakest mechanism that may be chosen.
    ///
    /// What a server offers comes unauthenticated: without TLS, whoever is in between can leave SCRAM out. Set this to
    /// ``Mechanism/scramSHA1`` or stronger where the servers have it. Default PLAIN, which is all that hosted caches
    /// have.
    public var minimumMechanism: Mechanism
    /// Whether PLAIN is refused on a connection that others can listen to: not encrypted, and not private.
    ///
    /// Otherwise it is allowed there and a warning is logged, once for each server. Unix sockets are private, and by
    /// default connections within this machine.
    public var requireEncryption = false
    /// Whether a connection to a loopback address counts as private.
    ///
    /// Set it to false where a tunnel listens on the loopback address, or users of this machine do not trust each other.
    public var countsLoopbackAsPrivate = true
    /// What is done with names and passwords before SCRAM hashes them.
    public var preparation: Preparation
    /// How long a ``MemcachedCredentialsProvider`` may take.
    ///
    /// Default 10 s.
    public var providerTimeout: Duration = .seconds(10)
    /// Pauses between attempts with credentials that the server refuses.
    ///
    /// They are longer than those after other failures: a hosted cache needs minutes to learn new credentials, and some
    /// lock out who tries too often.
    public var backoff = Backoff()

    /// Pauses between attempts with credentials that a server refuses.
    public struct Backoff: Hashable, Sendable {
        /// After the first refusal.
        ///
        /// Doubles with each further one; each pause is shortened at random by up to half. Default 1 s.
        public var initial: Duration = .seconds(1)
        /// The longest pause.
        ///
        /// Default 60 s.
        public var maximum: Duration = .seconds(60)

        /// The defaults.
        public init() {}
    }

    /// Describes how to authenticate; without arguments with the strongest mechanism that the server offers.
    ///
    /// - Parameters:
    ///   - mechanism: The one mechanism to use; nil for the strongest.
    ///   - minimumMechanism: The weakest mechanism that may be chosen.
    ///   - preparation: What is done with names and passwords before SCRAM hashes them.
    public init(
        mechanism: Mechanism? = nil,
        minimumMechanism: Mechanism = .plain,
        preparation: Preparation = .automatic
    ) {
        self.mechanism = mechanism
        self.minimumMechanism = minimumMechanism
        self.preparation = preparation
    }
}

extension MemcachedAuthentication {
    /// Checks the settings.
    ///
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    func validate() throws(MemcachedError) {
        func require(_ condition: Bool, _ advice: String) throws(MemcachedError) {
            guard condition else { throw MemcachedError(.invalidConfiguration, advice) }
        }
        if let mechanism {
            try require(
                mechanism >= minimumMechanism,
                "authentication.mechanism is weaker than authentication.minimumMechanism"
            )
        }
        try require(providerTimeout > .zero, "authentication.providerTimeout has to be more than zero")
        try require(backoff.initial > .zero, "authentication.backoff.initial has to be more than zero")
        try require(
            backoff.maximum >= backoff.initial,
            "authentication.backoff.maximum cannot be less than authentication.backoff.initial"
        )
    }
}
