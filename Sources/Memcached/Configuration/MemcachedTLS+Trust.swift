extension MemcachedTLS {
    /// Which certificates a server may present.
    public enum Trust: Hashable, Sendable {
        /// Those of an authority that the operating system trusts, valid today and for the server's name.
        ///
        /// In a container image without authorities install the package `ca-certificates`.
        case systemRoots
        /// Those of these authorities and of no others, valid today and for the server's name.
        ///
        /// One or more certificates in PEM, or one in DER. A server's self-signed certificate may stand here as well.
        case authorities(Source)
        /// These certificates and no others, whoever issued them and whatever name and dates they carry.
        ///
        /// The server still has to prove that it holds the certificate's private key.
        case pinned([Pin])
        /// Any certificate at all. Whoever is between client and server can read and change everything, passwords
        /// included, and nobody will notice.
        case dangerouslyTrustAnyServer
    }

    /// One certificate of a server, known beforehand.
    public enum Pin: Hashable, Sendable {
        /// The SHA-256 of the certificate in DER: 64 hexadecimal digits, with or without colons between bytes.
        ///
        /// `openssl x509 -in server.pem -noout -fingerprint -sha256` prints it.
        case sha256(String)
        /// The certificate itself, in PEM or DER; of several in PEM, each.
        case certificate(Source)
    }
}

extension MemcachedTLS.Trust {
    /// Whether a certificate is held against the server's name.
    var demandsName: Bool {
        switch self {
        case .systemRoots, .authorities: true
        case .pinned, .dangerouslyTrustAnyServer: false
        }
    }
}

extension MemcachedTLS.Pin {
    /// A fingerprint as lower-case digits without colons; nil when it is none.
    static func normalised(sha256 text: String) -> String? {
        let digits = text.trimmingBlanks().lowercased().utf8.filter { $0 != UInt8(ascii: ":") }
        let isHexadecimal = digits.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard digits.count == 64, isHexadecimal else { return nil }
        return String(decoding: digits, as: UTF8.self)
    }
}
