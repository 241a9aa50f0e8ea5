import Foundation
import NIOSSL
import Testing

@testable import Memcached

/// Certificates and keys that are read when a client is made: every form they come in, and what is told of broken ones.
@Suite struct TLSMaterialTests {
    /// The error that making a client ends with, which connects nothing.
    private func refusal(of tls: MemcachedTLS) throws -> MemcachedError? {
        var configuration = try MemcachedConfiguration(servers: "cache.example")
        configuration.tls = tls
        let ready = configuration
        return failure { () throws(MemcachedError) in try MemcachedClient(ready) }
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func identity(
        _ certificate: Certificate = .client,
        key: String = Certificate.clientKey,
        passphrase: String? = nil
    ) -> MemcachedTLS.Identity {
        .init(certificateChain: certificate.source, privateKey: .file(key), passphrase: passphrase)
    }

    @Test func `authorities come as a file, as text with words around, as bytes and as DER`() throws {
        let pem = try text(Certificate.authority.path)
        let sources: [MemcachedTLS.Source] = [
            .file(Certificate.authority.path),
            .text(pem),
            .text("An authority:\n\n\(pem)\nand another:\n\(try text(Certificate.selfSigned.path))\n"),
            .text("0 words\n\(pem)"),
            .bytes(Array(pem.utf8)),
            .bytes(try Certificate.authority.bytes()),
        ]
        for source in sources {
            #expect(try refusal(of: MemcachedTLS(trust: .authorities(source))) == nil)
            let certificates = try TLSMaterial.certificates(source, "tls.trust")
            #expect(try certificates.first?.toDERBytes() == Certificate.authority.bytes())
        }
        #expect(try TLSMaterial.certificates(sources[2], "tls.trust").count == 2)
    }

    @Test(
        arguments: [
            ([], "is empty"),
            (Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8), "holds no certificate"),
            (Array("no PEM at all".utf8), "holds no certificate"),
            (Array("0".utf8), "holds no certificate"),
            ([0x30, 0x82, 0xFF, 0xFF, 0x00], "holds no certificate"),
            ([0x30], "holds no certificate"),
            (Array(repeating: 0, count: 10_000), "holds no certificate"),
        ] as [([UInt8], String)]
    )
    func `what is no certificate is told of each setting that takes one`(bytes: [UInt8], text: String) throws {
        let identity = MemcachedTLS.Identity(certificateChain: .bytes(bytes), privateKey: .file(Certificate.clientKey))
        let cases = [
            (MemcachedTLS(trust: .authorities(.bytes(bytes))), "tls.trust"),
            (MemcachedTLS(trust: .pinned([.certificate(.bytes(bytes))])), "tls.trust"),
            (MemcachedTLS(trust: .dangerouslyTrustAnyServer, identity: identity), "tls.identity.certificateChain"),
        ]
        for (tls, setting) in cases {
            let error = try #require(try refusal(of: tls))
            #expect(error.code == .invalidConfiguration)
            #expect(error.outcome == .notSent)
            #expect(error.description.contains(setting) && error.description.contains(text))
        }
    }

    @Test func `a broken certificate behind a good one is not passed over`() throws {
        let pem = try text(Certificate.authority.path)
        let broken = "\(pem)-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        let error = try #require(try refusal(of: MemcachedTLS(trust: .authorities(.text(broken)))))
        #expect(error.code == .invalidConfiguration)
    }

    @Test func `a file that is not there is named`() throws {
        let error = try #require(try refusal(of: MemcachedTLS(trust: .authorities(.file("/nonexistent/ca.pem")))))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("tls.trust: the file /nonexistent/ca.pem cannot be read"))
    }

    @Test func `keys come in PEM, in DER, and encrypted`() throws {
        let pem = try text(Certificate.clientKey)
        let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let der = Array(try #require(Data(base64Encoded: base64)))
        for key in [MemcachedTLS.Source.file(Certificate.clientKey), .text(pem), .bytes(der)] {
            let identity = MemcachedTLS.Identity(certificateChain: Certificate.client.source, privateKey: key)
            #expect(try refusal(of: MemcachedTLS(identity: identity)) == nil)
        }
        let encrypted = identity(key: Certificate.encryptedClientKey, passphrase: Certificate.passphrase)
        #expect(try refusal(of: MemcachedTLS(identity: encrypted)) == nil)
    }

    @Test func `a key that does not open says what to set, and shows neither key nor passphrase`() throws {
        let encrypted = try text(Certificate.encryptedClientKey)
        let body = try #require(encrypted.split(separator: "\n").dropFirst().first)
        for passphrase in [nil, "SECRET-PHRASE"] {
            let tls = MemcachedTLS(identity: identity(key: Certificate.encryptedClientKey, passphrase: passphrase))
            let error = try #require(try refusal(of: tls))
            #expect(error.code == .invalidConfiguration)
            #expect(error.description.contains("tls.identity.passphrase"))
            #expect(error.cause == nil)
            for text in ["\(error)", String(reflecting: error)] {
                #expect(!text.contains("SECRET") && !text.contains(body))
            }
        }
    }

    @Test func `a client that has read its key shows nothing of it`() throws {
        var configuration = try MemcachedConfiguration(servers: "cache.example")
        let key = MemcachedTLS.Source.text(try text(Certificate.encryptedClientKey))
        let identity = MemcachedTLS.Identity(
            certificateChain: Certificate.client.source,
            privateKey: key,
            passphrase: Certificate.passphrase
        )
        configuration.tls = MemcachedTLS(identity: identity)
        let client = try MemcachedClient(configuration)
        let context = try #require(try TLSContext.make(for: configuration))
        var shown = "\(client)\(context)\(String(reflecting: client))\(String(reflecting: context))"
        dump(client, to: &shown)
        dump(client.core, to: &shown)
        dump(context, to: &shown)
        for path in [Certificate.encryptedClientKey, Certificate.clientKey] {
            for line in try text(path).split(separator: "\n") { #expect(!shown.contains(line)) }
        }
        #expect(!shown.contains(Certificate.passphrase))
        #expect(!shown.contains("45, 45, 45, 45, 45, 66, 69, 71"))
    }

    @Test func `a passphrase for a key in clear does no harm`() throws {
        #expect(try refusal(of: MemcachedTLS(identity: identity(passphrase: "not needed"))) == nil)
    }

    @Test func `a key of another certificate is refused`() throws {
        let error = try #require(try refusal(of: MemcachedTLS(identity: identity(key: Certificate.serverKey))))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("does not belong to the certificate"))
    }

    @Test(arguments: [[UInt8](), [0x30], Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8)])
    func `what is no key is refused`(bytes: [UInt8]) throws {
        let identity = MemcachedTLS.Identity(certificateChain: Certificate.client.source, privateKey: .bytes(bytes))
        let error = try #require(try refusal(of: MemcachedTLS(identity: identity)))
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("tls.identity.privateKey"))
    }

    @Test func `a fingerprint is what OpenSSL prints`() throws {
        // openssl x509 -in Fixtures/tls/good.pem -noout -fingerprint -sha256
        let printed = try text(Certificate.path("good.sha256")).split(separator: "=").last ?? ""
        let certificates = try TLSMaterial.certificates(Certificate.good.source, "tls.trust")
        let fingerprint = try #require(certificates.first.flatMap(TLSMaterial.fingerprint))
        #expect(MemcachedTLS.Pin.normalised(sha256: String(printed)) == fingerprint)
        #expect(try TLSMaterial.fingerprints(of: [.certificate(Certificate.good.source)]) == [fingerprint])
        #expect(try TLSMaterial.fingerprints(of: [.certificate(Certificate.chained.source)]).count == 2)
    }
}
