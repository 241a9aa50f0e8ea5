/// TLS to every server of a client.
///
/// With it nothing is sent in clear text, whatever the server wants.
/// The defaults trust the authorities of the operating system and demand the name that the server is configured by:
///
/// ```swift
/// var configuration = try MemcachedConfiguration(servers: "cache.example:11211")
/// configuration.tls = MemcachedTLS()
/// ```
///
/// Files are read, and keys decrypted, once: when the client is made. A client that is to use new ones is made anew.
/// memcached speaks TLS on TCP only, so a unix socket and TLS in one configuration are refused.
public struct MemcachedTLS: Hashable, Sendable {
    /// A version of the protocol.
    public enum Version: String, Hashable, Sendable, CaseIterable {
        /// TLS 1.2 (RFC 5246).
        case tls12 = "1.2"
        /// TLS 1.3 (RFC 8446).
        case tls13 = "1.3"
    }

    /// Which certificates a server may present.
    public var trust: Trust
    /// The name that servers have to prove, a host name or an IP address; nil for the host of each server as it is
    /// configured.
    ///
    /// It is also sent to the server (SNI) unless it is an address. Set it where servers are configured by an address
    /// or an alias that their certificates do not carry. A name that a host resolves to never counts.
    public var serverName: String?
    /// The certificate with which the client proves itself; nil for none.
    public var identity: Identity?
    /// The oldest version that is spoken.
    public var minimumVersion: Version

    /// Describes TLS; without arguments as the public web has it.
    ///
    /// - Parameters:
    ///   - trust: Which certificates a server may present.
    ///   - serverName: The name that servers have to prove; nil for each server's own host.
    ///   - identity: The certificate with which the client proves itself.
    ///   - minimumVersion: The oldest version that is spoken.
    public init(
        trust: Trust = .systemRoots,
        serverName: String? = nil,
        identity: Identity? = nil,
        minimumVersion: Version = .tls12
    ) {
        self.trust = trust
        self.serverName = serverName
        self.identity = identity
        self.minimumVersion = minimumVersion
    }
}

extension MemcachedTLS: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The settings, without certificates and keys.
    public var description: String {
        var parts = ["trust: \(trust)"]
        if let serverName { parts.append("serverName: \(serverName)") }
        if let identity { parts.append("identity: \(identity)") }
        parts.append("minimumVersion: \(minimumVersion.rawValue)")
        return "MemcachedTLS(\(parts.joined(separator: ", ")))"
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// The settings by name, without certificates and keys.
    public var customMirror: Mirror {
        let children: KeyValuePairs<String, Any> = [
            "trust": trust,
            "serverName": serverName as Any,
            "identity": identity as Any,
            "minimumVersion": minimumVersion,
        ]
        return Mirror(self, children: children, displayStyle: .struct)
    }
}
