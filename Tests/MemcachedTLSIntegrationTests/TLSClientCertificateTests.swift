import Memcached
import MemcachedTestSupport
import Testing

/// Servers that demand a client certificate (`ssl_verify_mode=2`).
@Suite struct TLSClientCertificateTests {
    private func configuration(
        _ server: MemcachedProcess,
        _ certificate: Certificate?,
        key: String = Certificate.clientKey,
        passphrase: String? = nil
    ) -> MemcachedConfiguration {
        var tls = MemcachedTLS.ofTests
        tls.identity = certificate.map {
            MemcachedTLS.Identity(certificateChain: $0.source, privateKey: .file(key), passphrase: passphrase)
        }
        return MemcachedConfiguration(port: server.address.port, tls: tls)
    }

    @Test(arguments: ServerVersion.allCases)
    func `a client certificate that the server knows lets the client in`(version: ServerVersion) async throws {
        try await withMemcached(.init(.good, clientAuthority: .authority, version: version)) { server in
            try await setAndGet(configuration(server, .client))
            let encrypted = configuration(
                server,
                .client,
                key: Certificate.encryptedClientKey,
                passphrase: Certificate.passphrase
            )
            try await setAndGet(encrypted)
        }
    }

    @Test(arguments: ServerVersion.allCases, [Certificate.clientUnknown, nil])
    func `without a good one the connection fails, and says what is missing`(
        version: ServerVersion,
        certificate: Certificate?
    ) async throws {
        try await withMemcached(.init(.good, clientAuthority: .authority, version: version)) { server in
            let client = try MemcachedClient(configuration(server, certificate))
            for _ in 0..<100 {
                let error = try #require(
                    await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
                )
                #expect(error.code == .tlsFailed, "\(error)")
                #expect(error.outcome == .notSent)
                #expect(error.description.contains("client certificate"), "\(error)")
                #expect(error.description.contains("tls.identity"), "\(error)")
            }
            #expect(try await server.stats()["cmd_set"] == "0")
            // The refusal counts as a failed attempt, though TLS 1.3 calls the handshake done: no tight loop.
            #expect(client.counters.failedConnections < 20)
            #expect(client.counters.connections == 0)
        }
    }

    @Test func `a server that only asks for a certificate gets none and answers`() async throws {
        var options = MemcachedProcess.Options(.good)
        options.tls?.extendedOptions += ["ssl_ca_cert=\(Certificate.authority.path)", "ssl_verify_mode=1"]
        try await withMemcached(options) { server in
            try await setAndGet(configuration(server, nil))
        }
    }
}
