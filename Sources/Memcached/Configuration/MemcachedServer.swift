/// Where one memcached listens, and its share of the keys.
public struct MemcachedServer: Hashable, Sendable {
    /// A place to connect to.
    public enum Address: Hashable, Sendable {
        /// A host name or address, an IPv6 address with or without its brackets, and a TCP port.
        case tcp(host: String, port: UInt16)
        /// The path of a unix socket.
        case unix(path: String)
    }

    /// The port of memcached, 11211.
    public static let defaultPort: UInt16 = 11_211

    /// Where to connect.
    public var address: Address
    /// The share of keys relative to other servers, at least 1.
    ///
    /// Distributions without weights ignore it.
    public var weight: UInt32

    /// The host that was configured, when ``address`` is what it was resolved to; nil when the two are one.
    ///
    /// Certificates are checked against it, and credentials belong to it.
    package var configuredHost: String?

    /// Names a server.
    public init(address: Address, weight: UInt32 = 1) {
        self.address = address
        self.weight = weight
    }

    /// Names a TCP server.
    public static func tcp(_ host: String, port: UInt16 = defaultPort, weight: UInt32 = 1) -> MemcachedServer {
        MemcachedServer(address: .tcp(host: host, port: port), weight: weight)
    }

    /// Names a server on a unix socket.
    public static func unix(_ path: String, weight: UInt32 = 1) -> MemcachedServer {
        MemcachedServer(address: .unix(path: path), weight: weight)
    }

    /// What errors, logs and metrics call the server: `host:port` or the socket's path.
    ///
    /// It never holds credentials: what stands before an `@` in a host is shown as `<redacted>`.
    public var label: String {
        switch address {
        case .tcp(let host, let port): "\(Self.withoutCredentials(host)):\(port)"
        case .unix(let path): path
        }
    }

    /// A host without `user:password@`, which is no part of it; ``MemcachedConfiguration/validate()`` refuses it.
    private static func withoutCredentials(_ host: String) -> String {
        guard let at = host.utf8.lastIndex(of: UInt8(ascii: "@")) else { return host }
        return "<redacted>" + host[at...]
    }

    /// Whether somebody wrote user name and password into the host.
    var holdsCredentials: Bool { hostToResolve?.utf8.contains(UInt8(ascii: "@")) == true }

    /// Whether there is something to connect to.
    var hasPlace: Bool {
        switch address {
        case .tcp(_, let port): port > 0 && hostToResolve?.isEmpty == false
        case .unix(let path): !path.isEmpty
        }
    }

    /// The host without an IPv6 address's brackets, as name resolution wants it.
    package var hostToResolve: String? {
        guard case .tcp(let host, _) = address else { return nil }
        guard host.hasPrefix("["), host.hasSuffix("]") else { return host }
        return String(host.dropFirst().dropLast())
    }
}

extension MemcachedServer {
    /// The host that a server has to prove to be: as configured, never what it was resolved to.
    package var hostToVerify: String? { configuredHost ?? hostToResolve }
}

extension MemcachedServer {
    /// The server as it stands in the configuration, when its address is what a name was resolved to.
    var asConfigured: MemcachedServer {
        guard let configuredHost, case .tcp(_, let port) = address else { return self }
        return .tcp(configuredHost, port: port, weight: weight)
    }
}

extension MemcachedServer: CustomStringConvertible {
    /// The label.
    public var description: String { label }
}
