extension MemcachedTLS {
    /// A client certificate with its private key, for servers that demand one (memcached's `ssl_verify_mode=2`).
    ///
    /// Printing one shows nothing of it.
    public struct Identity: Hashable, Sendable {
        /// The certificate, and in PEM behind it those of the authorities between it and one the server knows.
        public var certificateChain: Source
        /// The private key, PEM or DER, PKCS #8 or the older forms; in PEM it may be encrypted.
        public var privateKey: Source
        /// The passphrase of an encrypted key, ASCII; nil for a key in clear.
        public var passphrase: String?

        /// Describes a client certificate.
        ///
        /// - Parameters:
        ///   - certificateChain: The certificate and what stands between it and an authority.
        ///   - privateKey: The private key.
        ///   - passphrase: The passphrase of an encrypted key.
        public init(certificateChain: Source, privateKey: Source, passphrase: String? = nil) {
            self.certificateChain = certificateChain
            self.privateKey = privateKey
            self.passphrase = passphrase
        }
    }
}

extension MemcachedTLS.Identity: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
