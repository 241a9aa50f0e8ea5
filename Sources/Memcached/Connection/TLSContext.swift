import Logging
import NIOCore
import NIOSSL

/// What all TLS connections of a client share: authorities, client certificate, settings.
///
/// Made once and off the event loops, because it reads and parses files.
struct TLSContext: Sendable {
    private let context: NIOSSLContext
    private let trust: MemcachedTLS.Trust
    private let serverName: String?
    private let pins: Set<String>

    /// The context of a client; nil when it speaks in clear.
    ///
    /// - Throws: ``MemcachedError/Code/invalidConfiguration`` when certificates or keys cannot be used.
    static func make(for configuration: MemcachedConfiguration) throws(MemcachedError) -> TLSContext? {
        guard let tls = configuration.tls else { return nil }
        if case .dangerouslyTrustAnyServer = tls.trust {
            configuration.logger.info(
                "TLS trusts any server: whoever is on the way can read and change everything (tls.trust)"
            )
        }
        return try TLSContext(tls)
    }

    init(_ tls: MemcachedTLS) throws(MemcachedError) {
        self.trust = tls.trust
        self.serverName = tls.serverName
        if case .pinned(let pins) = tls.trust {
            self.pins = try TLSMaterial.fingerprints(of: pins)
        } else {
            self.pins = []
        }
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.minimumTLSVersion = tls.minimumVersion == .tls13 ? .tlsv13 : .tlsv12
        // Farewell is said, and not waited for: every response has its length, so none can be cut short unnoticed.
        settings.shutdownTimeout = .zero
        switch tls.trust {
        case .systemRoots:
            settings.trustRoots = .default
        case .authorities(let source):
            settings.trustRoots = .certificates(try TLSMaterial.certificates(source, "tls.trust"))
        case .pinned, .dangerouslyTrustAnyServer:
            settings.trustRoots = .certificates([])
        }
        settings.certificateVerification = Self.verification(tls)
        if let identity = tls.identity {
            settings.certificateChain =
                try TLSMaterial.certificates(
                    identity.certificateChain,
                    "tls.identity.certificateChain"
                )
                .map { .certificate($0) }
            settings.privateKey = .privateKey(try TLSMaterial.privateKey(of: identity))
        }
        do {
            self.context = try NIOSSLContext(configuration: settings)
        } catch {
            throw Self.unusable(tls, error)
        }
    }

    /// What swift-nio-ssl is to verify.
    ///
    /// ``TLSHandler`` verifies more, see there.
    private static func verification(_ tls: MemcachedTLS) -> CertificateVerification {
        switch tls.trust {
        case .dangerouslyTrustAnyServer:
            return .none
        case .pinned:
            // Asks for a certificate; what is thought of it, a callback says.
            return .noHostnameVerification
        case .systemRoots, .authorities:
            // It compares addresses with the one that the socket is connected to only, not with a configured one.
            if case .address = tls.serverName.flatMap(TLSServerName.init) { return .noHostnameVerification }
            return .fullVerification
        }
    }

    /// Puts TLS into a channel that is connected, and begins the handshake.
    ///
    /// On the channel's event loop.
    ///
    /// - Parameters:
    ///   - channel: Without handlers so far.
    ///   - host: The host of the server as it is configured.
    ///   - completion: Called once: everything that is added to the pipeline from then on is encrypted, or an error.
    /// - Throws: Errors of the channel that make it useless.
    func secure(
        _ channel: any Channel,
        host: String,
        completion: @escaping (Result<Void, MemcachedError>) -> Void
    ) throws {
        let name = TLSServerName(serverName ?? host)
        let tls: NIOSSLClientHandler
        if case .pinned = trust {
            let pins = pins
            tls = try NIOSSLClientHandler(context: context, serverHostname: name?.indication) { chain, verdict in
                // The first is the server's own (RFC 8446 section 4.4.2), whose key it has to prove.
                let isPinned = chain.first.flatMap(TLSMaterial.fingerprint).map(pins.contains) ?? false
                verdict.succeed(isPinned ? .certificateVerified : .failed)
            }
        } else {
            tls = try NIOSSLClientHandler(context: context, serverHostname: name?.indication)
        }
        let operations = channel.pipeline.syncOperations
        let first = TLSFirstAnswer()
        try operations.addHandler(first)
        try operations.addHandler(TLSHandler(tls: tls, trust: trust, name: name, completion: completion))
        // Last, because it begins at once.
        try operations.addHandler(tls, position: .after(first))
    }

    /// What the settings do not allow, as far as it can be told from an error without details.
    private static func unusable(_ tls: MemcachedTLS, _ error: any Error) -> MemcachedError {
        let advice: String
        switch (error as? NIOSSLError, tls.trust) {
        case (.failedToLoadPrivateKey, _):
            advice = "tls.identity: the private key does not belong to the certificate"
        case (_, .systemRoots) where tls.identity == nil:
            advice = "tls.trust: the authorities of the operating system cannot be read; install ca-certificates"
        default:
            advice = "tls: BoringSSL does not take these certificates"
        }
        return MemcachedError(.invalidConfiguration, advice, cause: tls.identity == nil ? error : nil)
    }
}
