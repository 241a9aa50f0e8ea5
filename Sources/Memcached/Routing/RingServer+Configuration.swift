import MemcachedHashing

extension RingServer {
    /// A configured server as the ring knows it: brackets of an IPv6 address and a socket's port 0 included.
    init(_ server: MemcachedServer) {
        switch server.address {
        case .tcp(let host, let port): self.init(host: host, port: Int(port), weight: Int(server.weight))
        case .unix(let path): self.init(host: path, port: 0, weight: Int(server.weight))
        }
    }
}
