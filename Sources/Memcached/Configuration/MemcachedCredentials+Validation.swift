import MemcachedWire

extension MemcachedConfiguration {
    /// Whether the client authenticates, as far as can be told before a provider is asked.
    var authenticates: Bool { credentials != nil || credentialsProvider != nil }

    /// Checks everything about credentials; no error shows any of them.
    ///
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    func validateAuthentication() throws(MemcachedError) {
        try authentication.validate()
        guard let credentials else { return }
        guard credentialsProvider == nil else {
            throw MemcachedError(
                .invalidConfiguration,
                "credentials and credentialsProvider exclude each other; set one of them to nil"
            )
        }
        try credentials.validate(for: authentication)
    }
}

extension MemcachedCredentials {
    /// Checks what no server could accept.
    ///
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    func validate(for authentication: MemcachedAuthentication) throws(MemcachedError) {
        guard !username.isEmpty, !password.isEmpty else {
            throw MemcachedError(
                .invalidConfiguration,
                "credentials need a user name and a password; set credentials to nil for servers without SASL"
            )
        }
        guard !username.utf8.contains(0), !password.utf8.contains(0) else {
            throw MemcachedError(.invalidConfiguration, "user name and password cannot hold a NUL byte")
        }
        // Otherwise PLAIN may be what the server offers, which takes them as they are.
        if authentication.minimumMechanism > .plain || (authentication.mechanism ?? .plain) > .plain {
            _ = try forms(authentication.preparation)
        }
    }

    /// The credentials as SCRAM hashes them, in the order in which they are tried: one or two.
    ///
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    func forms(_ preparation: MemcachedAuthentication.Preparation) throws(MemcachedError) -> [MemcachedCredentials] {
        switch preparation {
        case .asIs:
            return [self]
        case .saslPrep:
            do throws(SASLPrep.Failure) {
                return [try prepared()]
            } catch {
                throw Self.unprepared(error)
            }
        case .automatic:
            guard let prepared = try? prepared(), prepared != self else { return [self] }
            return [self, prepared]
        }
    }

    private func prepared() throws(SASLPrep.Failure) -> MemcachedCredentials {
        MemcachedCredentials(username: try SASLPrep.prepare(username), password: try SASLPrep.prepare(password))
    }

    private static func unprepared(_ failure: SASLPrep.Failure) -> MemcachedError {
        let reason =
            switch failure {
            case .prohibited: "a control character or another that SASLprep (RFC 4013) prohibits"
            case .mixedDirections: "letters of both writing directions, which SASLprep (RFC 4013) prohibits"
            case .empty: "nothing but characters that SASLprep (RFC 4013) leaves out"
            }
        return MemcachedError(
            .invalidConfiguration,
            "user name or password holds \(reason), so SCRAM cannot be used with it. If the server keeps it so all the "
                + "same, set authentication.preparation to .automatic or .asIs"
        )
    }
}
