import Testing

@testable import Memcached

/// What of the settings is refused before anything is read or connected, and what printing them shows.
@Suite struct TLSConfigurationTests {
    private func refusal(of tls: MemcachedTLS, servers: String = "cache.example:11211") throws -> MemcachedError? {
        var configuration = try MemcachedConfiguration(servers: servers)
        configuration.tls = tls
        return failure { () throws(MemcachedError) in try configuration.validate() }
    }

    @Test(arguments: [
        MemcachedTLS(),
        MemcachedTLS(trust: .authorities(.file("/nonexistent"))),
        MemcachedTLS(trust: .pinned([.sha256(String(repeating: "aB:", count: 31) + "Cd")])),
        MemcachedTLS(trust: .dangerouslyTrustAnyServer),
        MemcachedTLS(serverName: "other.example"),
        MemcachedTLS(serverName: "192.0.2.1"),
        MemcachedTLS(serverName: "2001:db8::1"),
        MemcachedTLS(identity: .init(certificateChain: .bytes([1]), privateKey: .bytes([2]), passphrase: "a b~")),
    ])
    func `settings that make sense are taken`(tls: MemcachedTLS) throws {
        #expect(try refusal(of: tls) == nil)
    }

    @Test func `the defaults verify the server by its own name, with TLS 1_2 or newer`() {
        let tls = MemcachedTLS()
        #expect(tls.trust == .systemRoots)
        #expect(tls.serverName == nil)
        #expect(tls.identity == nil)
        #expect(tls.minimumVersion == .tls12)
        #expect(tls.trust.demandsName)
    }

    @Test(arguments: ["/run/memcached.sock", "cache.example:11211,/run/memcached.sock"])
    func `TLS on a unix socket is refused, also beside a server that could have it`(servers: String) throws {
        for tls in [MemcachedTLS(), MemcachedTLS(trust: .dangerouslyTrustAnyServer, serverName: "cache.example")] {
            let error = try #require(try refusal(of: tls, servers: servers))
            #expect(error.code == .invalidConfiguration)
            #expect(error.description.contains("unix socket /run/memcached.sock"))
            #expect(error.description.contains("TCP only"))
        }
    }

    @Test(arguments: ["my_cache:11211", "bücher.example", "10.1:11211", "[fe80::1%eth0]:11211"])
    func `a host that no certificate can name needs a server name`(servers: String) throws {
        let error = try #require(try refusal(of: MemcachedTLS(), servers: servers))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("tls.serverName"))
        #expect(try refusal(of: MemcachedTLS(serverName: "cache.example"), servers: servers) == nil)
        // Nobody looks at a name there.
        #expect(try refusal(of: MemcachedTLS(trust: .dangerouslyTrustAnyServer), servers: servers) == nil)
    }

    @Test(arguments: ["", "my_cache", "cache example", "cache.example:11211", "*.example", "192.0.2.300", "cache\n"])
    func `a server name that is none is refused`(name: String) throws {
        let error = try #require(try refusal(of: MemcachedTLS(serverName: name)))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("tls.serverName has to be"))
    }

    @Test(arguments: ["", "ab", String(repeating: "g", count: 64), String(repeating: "a", count: 63), "é"])
    func `a pin that is no fingerprint is refused`(text: String) throws {
        let error = try #require(try refusal(of: MemcachedTLS(trust: .pinned([.sha256(text)]))))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("64 hexadecimal digits"))
    }

    @Test func `an empty list of pins is refused`() throws {
        let error = try #require(try refusal(of: MemcachedTLS(trust: .pinned([]))))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("pins no certificate"))
    }

    @Test(arguments: ["", "sésame", "open\u{7F}\u{80}", String(repeating: "a", count: 1_024)])
    func `a passphrase that BoringSSL cannot be given is refused, and not shown`(passphrase: String) throws {
        let identity = MemcachedTLS.Identity(
            certificateChain: .bytes([1]),
            privateKey: .bytes([2]),
            passphrase: passphrase
        )
        let error = try #require(try refusal(of: MemcachedTLS(identity: identity)))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("ASCII characters"))
        #expect(passphrase.isEmpty || !error.description.contains(passphrase))
    }

    @Test func `fingerprints compare without case, colons and blanks around them`() {
        let plain = String(repeating: "0aF", count: 21) + "b"
        let colons = stride(from: 0, to: 64, by: 2).map { String(plain.dropFirst($0).prefix(2)) }.joined(separator: ":")
        #expect(MemcachedTLS.Pin.normalised(sha256: plain) == plain.lowercased())
        #expect(MemcachedTLS.Pin.normalised(sha256: " \(colons.uppercased())\n") == plain.lowercased())
    }

    @Test func `printing shows neither keys nor passphrases nor bytes of certificates`() throws {
        let identity = MemcachedTLS.Identity(
            certificateChain: .text("CERTIFICATE-BYTES"),
            privateKey: .text("SECRET-KEY"),
            passphrase: "SECRET-PHRASE"
        )
        var configuration = try MemcachedConfiguration(servers: "cache.example")
        configuration.tls = MemcachedTLS(
            trust: .authorities(.text("AUTHORITY-BYTES")),
            serverName: "other.example",
            identity: identity
        )
        let tls = try #require(configuration.tls)
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(tls, to: &dumped)
        dump(identity, to: &dumped)
        dump(identity.privateKey, to: &dumped)
        let printed = [
            "\(configuration)", String(reflecting: configuration), "\(tls)", String(reflecting: tls), "\(identity)",
            String(reflecting: identity), "\(identity.privateKey)", String(reflecting: identity.privateKey), dumped,
        ]
        let secrets = ["SECRET", "AUTHORITY", "CERTIFICATE"]
        for text in printed {
            for secret in secrets {
                #expect(!text.contains(secret))
                // Bytes print as numbers.
                #expect(!text.contains(Array(secret.utf8).map(String.init).joined(separator: ", ")))
            }
        }
        #expect("\(identity)" == "<redacted>" && String(reflecting: identity) == "<redacted>")
        #expect(
            "\(tls)" == "MemcachedTLS(trust: authorities(15 bytes), serverName: other.example, identity: <redacted>, "
                + "minimumVersion: 1.2)"
        )
        #expect("\(MemcachedTLS.Source.file("/etc/ca.pem"))" == "file /etc/ca.pem")
    }

    @Test func `settings are equal when all of them are`() {
        let identity = MemcachedTLS.Identity(certificateChain: .file("/a"), privateKey: .file("/b"))
        var other = identity
        other.passphrase = "x"
        #expect(MemcachedTLS(identity: identity) == MemcachedTLS(identity: identity))
        #expect(MemcachedTLS(identity: identity) != MemcachedTLS(identity: other))
        #expect(MemcachedTLS(trust: .authorities(.file("/a"))) != MemcachedTLS(trust: .authorities(.file("/b"))))
    }
}
