import MemcachedHashing
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Turns what the configuration names into certificates and keys.
///
/// Blocks for as long as files take.
enum TLSMaterial {
    /// Reads certificates in PEM, or one in DER.
    ///
    /// - Parameters:
    ///   - source: Where they are.
    ///   - setting: What errors call it.
    /// - Returns: At least one certificate.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``.
    static func certificates(
        _ source: MemcachedTLS.Source,
        _ setting: String
    ) throws(MemcachedError) -> [NIOSSLCertificate] {
        let bytes = try bytes(of: source, setting)
        do {
            guard isPEM(bytes) else { return [try NIOSSLCertificate(bytes: bytes, format: .der)] }
            return try NIOSSLCertificate.fromPEMBytes(bytes)
        } catch {
            throw fault(
                "\(setting) (\(source)) holds no certificate, or a broken one; it has to be PEM "
                    + "(-----BEGIN CERTIFICATE-----) or DER",
                cause: error
            )
        }
    }

    /// Reads the private key of a client certificate.
    static func privateKey(of identity: MemcachedTLS.Identity) throws(MemcachedError) -> NIOSSLPrivateKey {
        let setting = "tls.identity.privateKey"
        let bytes = try bytes(of: identity.privateKey, setting)
        let format: NIOSSLSerializationFormats = isPEM(bytes) ? .pem : .der
        // The causes say nothing of the key, but nobody promises that they never will: they are left out.
        do {
            guard let passphrase = identity.passphrase else {
                return try NIOSSLPrivateKey(bytes: bytes, format: format)
            }
            return try NIOSSLPrivateKey(bytes: bytes, format: format) { $0(Array(passphrase.utf8)) }
        } catch {
            throw fault(
                identity.passphrase == nil
                    ? "\(setting) holds no private key in PEM or DER, or an encrypted one: set tls.identity.passphrase"
                    : "\(setting) holds no private key in PEM or DER that tls.identity.passphrase opens"
            )
        }
    }

    /// The fingerprints that are meant by pins, lower-case digits.
    static func fingerprints(of pins: [MemcachedTLS.Pin]) throws(MemcachedError) -> Set<String> {
        var fingerprints: Set<String> = []
        for pin in pins {
            switch pin {
            case .sha256(let text):
                guard let digits = MemcachedTLS.Pin.normalised(sha256: text) else {
                    throw fault("a pin in tls.trust is no SHA-256")
                }
                fingerprints.insert(digits)
            case .certificate(let source):
                for certificate in try certificates(source, "tls.trust") {
                    guard let digits = fingerprint(of: certificate) else {
                        throw fault("a certificate in tls.trust (\(source)) cannot be written as DER")
                    }
                    fingerprints.insert(digits)
                }
            }
        }
        return fingerprints
    }

    /// The SHA-256 of a certificate in DER, lower-case digits; nil when BoringSSL cannot write it.
    static func fingerprint(of certificate: NIOSSLCertificate) -> String? {
        (try? certificate.toDERBytes()).map { SHA256.hexadecimal(of: $0) }
    }

    private static func bytes(of source: MemcachedTLS.Source, _ setting: String) throws(MemcachedError) -> [UInt8] {
        let bytes: [UInt8]
        switch source {
        case .bytes(let given):
            bytes = given
        case .file(let path):
            do {
                bytes = Array(try Data(contentsOf: URL(filePath: path)))
            } catch {
                throw fault("\(setting): the file \(path) cannot be read; check path and permissions", cause: error)
            }
        }
        guard !bytes.isEmpty else { throw fault("\(setting) (\(source)) is empty") }
        return bytes
    }

    /// Whether bytes are text in PEM (RFC 7468), explanations before the first line allowed.
    private static func isPEM(_ bytes: [UInt8]) -> Bool {
        // DER begins with the tag of a sequence, which is a digit in ASCII.
        guard bytes.first == 0x30 else { return true }
        return bytes.contains("-----BEGIN ".utf8)
    }

    private static func fault(_ detail: String, cause: (any Error)? = nil) -> MemcachedError {
        MemcachedError(.invalidConfiguration, detail, cause: cause)
    }
}
