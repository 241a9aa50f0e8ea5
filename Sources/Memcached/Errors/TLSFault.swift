import NIOCore
import NIOPosix
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Says in words why TLS did not come about, or ended.
struct TLSFault {
    /// Which certificates would have been good.
    var trust: MemcachedTLS.Trust
    /// What the server had to prove.
    var name: TLSServerName?
    /// What the server presented, if it came to that.
    var certificate: NIOSSLCertificate?

    // MARK: When it happened

    /// The handshake failed, on our side or the server's.
    func duringHandshake(_ error: any Error) -> MemcachedError {
        if let error = error as? MemcachedError { return error }
        if error as? NIOSSLExtraError == .failedToValidateHostname { return wrongName(cause: error) }
        let reasons = Self.reasons(error)
        if reasons.contains("CERTIFICATE_VERIFY_FAILED") { return refusedCertificate(cause: error) }
        if let refusal = Self.refusalByServer(reasons, error) { return refusal }
        if let reason = reasons.first ?? Self.name(error), reason != Self.endOfFile {
            return Self.failed("the TLS handshake failed (\(reason))", error)
        }
        return Self.failed(
            "the server closed the connection during the TLS handshake. Check that this is its TLS port (memcached -Z), "
                + "and whether it demands a client certificate (tls.identity)",
            error
        )
    }

    /// The server ended the connection after the handshake and before it had sent anything.
    ///
    /// A server that speaks TLS 1.3 judges the client's certificate when the client is done with the handshake already
    /// (RFC 8446 section 2, figure 1), and when it ends the connection its alert may be lost.
    func beforeConfirmation(_ error: any Error) -> MemcachedError {
        if let refusal = Self.refusalByServer(Self.reasons(error), error) { return refusal }
        return Self.failed(
            "the server closed the connection right after the TLS handshake. Check whether it demands a client "
                + "certificate or refused the one in tls.identity",
            error
        )
    }

    /// An established connection failed.
    static func afterwards(_ error: any Error) -> any Error {
        guard error is NIOSSLError || error is BoringSSLError else { return error }
        let reason = reasons(error).first.map { " (\($0))" } ?? ""
        return MemcachedError(.connectionLost, "TLS on the connection broke\(reason)", outcome: .unknown, cause: error)
    }

    // MARK: What was wrong with the server's certificate

    /// The certificate is one of a good authority, and another server's.
    func wrongName(cause: (any Error)? = nil) -> MemcachedError {
        let names = certificate.flatMap { try? $0.toDERBytes() }.flatMap(TLSCertificateNames.init)
        let finding =
            switch names {
            case nil: "the server's certificate cannot be read"
            case let names? where names.isEmpty:
                "the server's certificate names no server (it has no subjectAltName; a common name does not count)"
            case let names?: "the server's certificate is for \(names)"
            }
        return Self.refused(
            "\(finding), and not for \(name.map(\.description) ?? "the configured host"). Check that this is the right "
                + "server; if its certificate carries another name by intent, set tls.serverName to that",
            cause
        )
    }

    /// The certificate, or the chain behind it, was not good enough.
    private func refusedCertificate(cause: any Error) -> MemcachedError {
        switch trust {
        case .pinned:
            let fingerprint = certificate.flatMap(TLSMaterial.fingerprint).map { " (SHA-256 \($0))" } ?? ""
            return Self.refused(
                "the server's certificate is none of those in tls.trust\(fingerprint). If it was replaced by intent, "
                    + "pin the new one",
                cause
            )
        case .systemRoots, .authorities, .dangerouslyTrustAnyServer:
            break
        }
        let now = Date().timeIntervalSince1970
        if let end = certificate?.notValidAfter, Double(end) < now {
            return Self.refused("the server's certificate expired on \(Self.day(end)); renew it", cause)
        }
        if let beginning = certificate?.notValidBefore, Double(beginning) > now {
            return Self.refused(
                "the server's certificate is not valid before \(Self.day(beginning)); check the clocks",
                cause
            )
        }
        let advice =
            if case .systemRoots = trust {
                "of none that the operating system trusts. For a private authority set tls.trust to .authorities; in a "
                    + "container image check that ca-certificates is installed"
            } else {
                "of none in tls.trust. Check that this is the right server and the right authority"
            }
        return Self.refused(
            "the server's certificate is \(advice). The certificate of an authority in between may be missing or have "
                + "expired as well",
            cause
        )
    }

    private static func day(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601.year().month().day())
    }

    // MARK: What BoringSSL and the server say

    /// The server, or what answers in its place, said that it will not have this connection.
    private static func refusalByServer(_ reasons: [String], _ error: any Error) -> MemcachedError? {
        func contains(_ candidates: String...) -> Bool { candidates.contains(where: reasons.contains) }
        if contains("TLSV1_ALERT_CERTIFICATE_REQUIRED") {
            return failed("the server demands a client certificate; set tls.identity", error)
        }
        if contains(
            "SSLV3_ALERT_BAD_CERTIFICATE",
            "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
            "SSLV3_ALERT_CERTIFICATE_REVOKED",
            "SSLV3_ALERT_CERTIFICATE_EXPIRED",
            "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
            "TLSV1_ALERT_UNKNOWN_CA",
            "TLSV1_ALERT_ACCESS_DENIED",
            "TLSV1_ALERT_DECRYPT_ERROR"
        ) {
            return failed(
                "the server refused the client certificate (\(reasons.first ?? "")). Check tls.identity, and which authorities "
                    + "the server accepts (ssl_ca_cert)",
                error
            )
        }
        if contains("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL") {
            return failed(
                "client and server have no version of TLS in common. Raise the server's, or see tls.minimumVersion",
                error
            )
        }
        if contains("SSLV3_ALERT_HANDSHAKE_FAILURE") {
            return failed(
                "the server broke off the TLS handshake. It may demand a client certificate (tls.identity), or have no "
                    + "cipher in common with the client",
                error
            )
        }
        if contains("TLSV1_ALERT_UNRECOGNIZED_NAME", "TLSV1_UNRECOGNIZED_NAME") {
            return failed("the server does not know the name it was asked for; set tls.serverName", error)
        }
        if contains("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_RECORD", "UNEXPECTED_MESSAGE") {
            return failed(
                "what answers does not speak TLS. Start memcached with -Z, name its TLS port, or set tls to nil",
                error
            )
        }
        return nil
    }

    private static let endOfFile = "EOF"

    /// The reasons in BoringSSL's words, such as `CERTIFICATE_VERIFY_FAILED`; they hold nothing of either side's data.
    static func reasons(_ error: any Error) -> [String] {
        switch error {
        case NIOSSLError.handshakeFailed(let error), NIOSSLError.shutdownFailed(let error):
            return reasons(error)
        case BoringSSLError.sslError(let stack), BoringSSLError.unknownError(let stack):
            return stack.map { $0 == .eofDuringHandshake ? endOfFile : reason($0.description) }
        default:
            return []
        }
    }

    /// Takes the reason out of `Error: 1 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`.
    private static func reason(_ description: String) -> String {
        for part in description.split(separator: ":").dropFirst(3) {
            let word = part.split(separator: " ").first ?? ""
            let isName = word.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" }
            if word.contains("_"), isName { return String(word) }
        }
        return "unknown reason"
    }

    /// What swift-nio-ssl calls an error of its own; nil for the channel's.
    private static func name(_ error: any Error) -> String? {
        error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError ? "\(error)" : nil
    }

    private static func failed(_ detail: String, _ cause: any Error) -> MemcachedError {
        MemcachedError(.tlsFailed, detail, outcome: .rejected, cause: cause)
    }

    private static func refused(_ detail: String, _ cause: (any Error)?) -> MemcachedError {
        MemcachedError(.certificateRefused, detail, outcome: .rejected, cause: cause)
    }
}
