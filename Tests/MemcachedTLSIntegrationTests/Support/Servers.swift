import Memcached
import MemcachedTestSupport
import Testing

/// A version of TLS that a server can be held to.
enum ServerVersion: String, CaseIterable {
    case tls12 = "TLS 1.2"
    case tls13 = "TLS 1.3"
}

extension MemcachedProcess.Options {
    /// A server that demands TLS.
    ///
    /// - Parameters:
    ///   - certificate: What it presents.
    ///   - clientAuthority: Whose client certificates it accepts; nil when it demands none.
    ///   - version: The only version that it speaks.
    ///   - sasl: Its users.
    ///   - host: Where it listens.
    init(
        _ certificate: Certificate,
        clientAuthority: Certificate? = nil,
        version: ServerVersion = .tls13,
        sasl: MemcachedProcess.SASL? = nil,
        host: String = "127.0.0.1"
    ) {
        self.init(
            sasl: sasl,
            tls: MemcachedProcess.TLS(
                certificateChain: certificate.path,
                privateKey: Certificate.serverKey,
                clientAuthorities: clientAuthority?.path,
                extendedOptions: version == .tls13 ? ["ssl_min_version=3"] : []
            ),
            host: host,
            // memcached has no option for a greatest version; OpenSSL has.
            environment: version == .tls12 ? ["OPENSSL_CONF": Certificate.path("tls12.cnf")] : [:]
        )
    }
}

extension MemcachedTLS {
    /// What trusts the authority of the tests.
    static let ofTests = MemcachedTLS(trust: .authorities(Certificate.authority.source))

    /// The same with another server name.
    static func ofTests(as serverName: String) -> MemcachedTLS {
        MemcachedTLS(trust: .authorities(Certificate.authority.source), serverName: serverName)
    }
}

extension MemcachedConfiguration {
    /// A configuration for a server at a port of this machine, by whatever name.
    init(port: Int?, host: String = "127.0.0.1", tls: MemcachedTLS?) {
        self.init(servers: [.tcp(host, port: UInt16(port ?? 0))])
        self.tls = tls
        timeouts.operation = .seconds(30)
        timeouts.connect = .seconds(20)
    }
}

/// The error that an operation ends with; nil when it succeeds.
func failure<Value>(of operation: () async throws(MemcachedError) -> Value) async -> MemcachedError? {
    do throws(MemcachedError) {
        _ = try await operation()
        return nil
    } catch {
        return error
    }
}

/// The error of a SET, which would change something if it arrived.
func failureOfSet(_ configuration: MemcachedConfiguration) async throws -> MemcachedError? {
    let client = try MemcachedClient(configuration)
    return await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
}

/// Stores a value and reads it back: the connection works.
func setAndGet(_ configuration: MemcachedConfiguration) async throws {
    let client = try MemcachedClient(configuration)
    try await client.set("key", to: "value")
    let value = try await client.get("key", as: String.self)
    #expect(value == "value")
}
