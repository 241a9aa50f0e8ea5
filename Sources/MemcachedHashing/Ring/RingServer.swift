/// A server as the continuum sees it: the text its points are named after, and its weight.
///
/// The text is hashed as given. Nothing is resolved, no letter is changed, the brackets of `[::1]` stay, so `cache1` and
/// `CACHE1` are two servers, and so are a name and its address. Credentials have no place here: a host with an `@` is
/// refused by ``ServerRing``.
public struct RingServer: Sendable, Hashable, CustomStringConvertible {
    /// The host name or address, or the path of a Unix socket (it begins with a slash).
    public let host: String
    /// The port; 0 for a Unix socket.
    ///
    /// A host with port 0 gets 11211, as in libmemcached. A socket keeps its port, because libmemcached names the points
    /// of one socket in two ways: `/path:0-0` for port 0 (`memcached_server_add_unix_socket`, PHP's `addServers` and
    /// sessions) and `/path-0` for port 11211 (`memcached_server_add`, PHP's `addServer`).
    public let port: Int
    /// The share of the points relative to the other servers; 0 counts as 1.
    public let weight: Int
    /// The text the server's points are named after instead of host and port, or `nil`.
    ///
    /// For clients that see the same server under another name. It takes no part in ``ServerSelection/sortsHosts``.
    public let pointName: String?

    /// Creates a server.
    ///
    /// What is wrong with it is said by ``ServerRing``, which knows its place in the list.
    ///
    /// - Parameters:
    ///   - host: the host name or address as configured, or the path of a Unix socket.
    ///   - port: the port, 0...65535; 0 for a Unix socket.
    ///   - weight: the weight, 0...4294967295.
    ///   - pointName: the text to name points after instead of host and port.
    public init(host: String, port: Int = 11_211, weight: Int = 1, pointName: String? = nil) {
        self.host = host
        self.port = port == 0 && !Self.isSocketPath(host) ? Self.defaultPort : port
        self.weight = weight == 0 ? 1 : weight
        self.pointName = pointName
    }

    /// `host:port`, or the path; of a host with an `@` only what follows it, the rest may be credentials.
    public var description: String {
        if isSocket { return host }
        guard let at = host.lastIndex(of: "@") else { return "\(host):\(port)" }
        return "<redacted>\(host[at...]):\(port)"
    }

    static let defaultPort = 11_211

    /// Whether this is a Unix socket.
    var isSocket: Bool { Self.isSocketPath(host) }

    private static func isSocketPath(_ host: String) -> Bool { host.utf8.first == UInt8(ascii: "/") }
}

extension RingServer {
    /// Checks what libmemcached would take silently and then place wrongly.
    ///
    /// - Parameter index: the place in the list, for the error.
    /// - Throws: ``ServerSelectionError`` with `.invalidHost`, `.portOutOfRange` or `.weightOutOfRange`.
    func validate(at index: Int) throws(ServerSelectionError) {
        for name in [host, pointName].compactMap({ $0 }) {
            guard !name.utf8.isEmpty, !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
                throw .invalidHost(at: index)
            }
        }
        guard isSocket || !host.utf8.contains(UInt8(ascii: "@")) else { throw .credentialsInHost(at: index) }
        guard (0...Int(UInt16.max)).contains(port) else { throw .portOutOfRange(at: index) }
        guard weight >= 0, weight <= UInt32.max else { throw .weightOutOfRange(at: index) }
    }
}
