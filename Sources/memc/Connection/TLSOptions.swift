import ArgumentParser
import Foundation
import Memcached

/// TLS to the servers.
struct TLSOptions: ParsableArguments {
    @Flag(name: .customLong("tls"), help: "Encrypt. Implied by the other --tls-… options.")
    var isOn = false

    @Option(name: .customLong("tls-ca"), help: "Authorities to trust instead of the system's, a PEM or DER file.")
    var authorities: String?

    @Option(name: .customLong("tls-server-name"), help: "The name that the servers' certificates have to carry.")
    var serverName: String?

    @Option(name: .customLong("tls-pin"), help: "The SHA-256 of a certificate to trust and no other; may be repeated.")
    var pins: [String] = []

    @Option(name: .customLong("tls-certificate"), help: "The client's certificate, a PEM or DER file.")
    var certificate: String?

    @Option(
        name: .customLong("tls-key"),
        help: "Its private key; the passphrase of an encrypted one is read from MEMC_TLS_PASSPHRASE."
    )
    var key: String?

    @Flag(
        name: .customLong("tls-dangerously-trust-any-server"),
        help: "Check no certificate: whoever is in between reads and changes everything."
    )
    var trustsAnyServer = false

    func validate() throws {
        let trusts = [authorities != nil, !pins.isEmpty, trustsAnyServer].count { $0 }
        guard trusts <= 1 else {
            throw ValidationError("Use one of --tls-ca, --tls-pin and --tls-dangerously-trust-any-server.")
        }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together.")
        }
    }

    /// What the options ask for; nil for clear text.
    func tls(_ environment: [String: String]) -> MemcachedTLS? {
        let isImplied = authorities != nil || serverName != nil || !pins.isEmpty || certificate != nil
        guard isOn || isImplied || trustsAnyServer else { return nil }
        var tls = MemcachedTLS()
        if let authorities { tls.trust = .authorities(.file(authorities)) }
        if !pins.isEmpty { tls.trust = .pinned(pins.map { .sha256($0) }) }
        if trustsAnyServer { tls.trust = .dangerouslyTrustAnyServer }
        tls.serverName = serverName
        if let certificate, let key {
            tls.identity = MemcachedTLS.Identity(
                certificateChain: .file(certificate),
                privateKey: .file(key),
                passphrase: environment["MEMC_TLS_PASSPHRASE"]
            )
        }
        return tls
    }
}
