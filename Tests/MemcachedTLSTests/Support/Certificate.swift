import Foundation
import Memcached
import NIOSSL

/// A file of `Fixtures/tls`; its README says what each is for.
enum Certificate: String, CaseIterable {
    case authority
    case good
    case expired
    case early
    case elsewhere
    case address
    case wildcard
    case commonName = "common-name"
    case unknown
    case unchained
    case chained
    case selfSigned = "self-signed"
    case client
    case clientUnknown = "client-unknown"

    /// The path of the certificate.
    var path: String { Self.path("\(rawValue).pem") }

    /// The certificate in PEM.
    var source: MemcachedTLS.Source { .file(path) }

    /// The first certificate of the file in DER.
    func bytes() throws -> [UInt8] {
        try NIOSSLCertificate.fromPEMFile(path)[0].toDERBytes()
    }

    static func path(_ name: String) -> String {
        URL(filePath: #filePath)
            .deletingLastPathComponent()  // Support
            .deletingLastPathComponent()  // MemcachedTLSTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appending(path: "Fixtures/tls/\(name)")
            .path
    }

    static let serverKey = path("server.key")
    static let clientKey = path("client.key")
    static let encryptedClientKey = path("client-encrypted.key")
    /// What opens ``encryptedClientKey``.
    static let passphrase = "open sesame"
}
