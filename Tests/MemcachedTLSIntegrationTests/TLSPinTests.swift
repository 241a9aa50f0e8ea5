import Foundation
import Memcached
import MemcachedTestSupport
import Testing

/// Certificates that are known beforehand.
@Suite struct TLSPinTests {
    /// What OpenSSL printed as the fingerprint of `good.pem`.
    private func fingerprint() throws -> String {
        let text = try String(contentsOfFile: Certificate.path("good.sha256"), encoding: .utf8)
        return String(try #require(text.split(whereSeparator: { $0 == "=" || $0.isNewline }).last))
    }

    private func configuration(_ server: MemcachedProcess, _ pins: [MemcachedTLS.Pin]) -> MemcachedConfiguration {
        MemcachedConfiguration(port: server.address.port, tls: MemcachedTLS(trust: .pinned(pins)))
    }

    @Test(arguments: ServerVersion.allCases)
    func `a pinned fingerprint is trusted without an authority`(version: ServerVersion) async throws {
        let fingerprint = try fingerprint()
        try await withMemcached(.init(.good, version: version)) { server in
            try await setAndGet(configuration(server, [.sha256(fingerprint)]))
            let plain = fingerprint.filter { $0 != ":" }.lowercased()
            try await setAndGet(configuration(server, [.sha256(plain)]))
        }
    }

    @Test(arguments: [Certificate.selfSigned, .expired, .elsewhere, .unknown, .unchained])
    func `a pinned certificate is trusted whatever it says`(certificate: Certificate) async throws {
        try await withMemcached(.init(certificate)) { server in
            let pins = [MemcachedTLS.Pin.certificate(Certificate.good.source), .certificate(certificate.source)]
            try await setAndGet(configuration(server, pins))
        }
    }

    @Test(arguments: ServerVersion.allCases)
    func `a good certificate that is not the pinned one is refused`(version: ServerVersion) async throws {
        let presented = try fingerprint().filter { $0 != ":" }.lowercased()
        try await withMemcached(.init(.good, version: version)) { server in
            // The authority of the certificate is pinned, and the server is not it.
            let pins = [
                MemcachedTLS.Pin.certificate(Certificate.expired.source), .certificate(Certificate.authority.source),
            ]
            let error = try #require(try await failureOfSet(configuration(server, pins)))
            #expect(error.code == .certificateRefused, "\(error)")
            #expect(error.outcome == .notSent)
            #expect(error.description.contains("none of those in tls.trust (SHA-256 \(presented))"), "\(error)")
            #expect(try await server.stats()["cmd_set"] == "0")
        }
    }
}
