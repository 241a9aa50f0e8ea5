/// Where a server of the test support can be reached: a port on the loopback interface or a unix socket.
public enum TestServerAddress: Hashable, Sendable {
    /// A TCP port.
    case tcp(host: String, port: Int)
    /// A unix domain socket in the file system.
    case unixSocket(path: String)

    /// The port of a TCP address, nil for a unix socket.
    public var port: Int? {
        switch self {
        case .tcp(_, let port): port
        case .unixSocket: nil
        }
    }

    /// The host of a TCP address, nil for a unix socket.
    public var host: String? {
        switch self {
        case .tcp(let host, _): host
        case .unixSocket: nil
        }
    }

    /// The path of a unix socket, nil for a TCP address.
    public var path: String? {
        switch self {
        case .tcp: nil
        case .unixSocket(let path): path
        }
    }
}

extension TestServerAddress: CustomStringConvertible {
    /// The address as server lists spell it: `127.0.0.1:21000`, `[::1]:21000` or the path of the socket.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}
