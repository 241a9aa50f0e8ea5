extension MemcachedTLS {
    /// Longer passphrases do not fit the buffer that BoringSSL hands out for one (`PEM_BUFSIZE`).
    private static let longestPassphrase = 1_023

    /// Checks what can be checked without reading a file.
    ///
    /// - Parameter servers: The servers that TLS is for.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    func validate(for servers: [MemcachedServer]) throws(MemcachedError) {
        func require(_ condition: Bool, _ advice: @autoclosure () -> String) throws(MemcachedError) {
            guard condition else { throw MemcachedError(.invalidConfiguration, advice()) }
        }
        for server in servers {
            guard let host = server.hostToResolve else {
                throw MemcachedError(
                    .invalidConfiguration,
                    "tls cannot be used with the unix socket \(server.label): memcached speaks TLS on TCP only. Name a "
                        + "host and port, or set tls to nil for servers on this machine"
                )
            }
            try require(
                serverName != nil || !trust.demandsName || TLSServerName(host) != nil,
                "no certificate can be held against the host of \(server.label). Set tls.serverName to a host name of "
                    + "ASCII letters, digits, hyphens and dots that the certificate carries (xn-- form for others)"
            )
        }
        if let serverName {
            try require(
                TLSServerName(serverName) != nil,
                "tls.serverName has to be an IP address, or a host name of ASCII letters, digits, hyphens and dots"
            )
        }
        if case .pinned(let pins) = trust {
            try require(!pins.isEmpty, "tls.trust pins no certificate, so no server could ever be trusted")
            for case .sha256(let text) in pins {
                try require(
                    Pin.normalised(sha256: text) != nil,
                    "a pin in tls.trust is no SHA-256: write 64 hexadecimal digits, with or without colons between bytes"
                )
            }
        }
        if let passphrase = identity?.passphrase {
            // swift-nio-ssl traps on other bytes, and cuts nothing off that is too long.
            try require(
                !passphrase.isEmpty && passphrase.utf8.count <= Self.longestPassphrase
                    && passphrase.utf8.allSatisfy { (1...0x7F).contains($0) },
                "tls.identity.passphrase has to be 1 to \(Self.longestPassphrase) ASCII characters; encrypt the key with "
                    + "such a one, or set it to nil for a key in clear"
            )
        }
    }
}
