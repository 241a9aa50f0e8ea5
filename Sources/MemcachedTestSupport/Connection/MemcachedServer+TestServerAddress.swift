public import Memcached

extension MemcachedServer {
    /// The server at a test address, for a client's configuration.
    ///
    /// ```swift
    /// let client = try MemcachedClient(MemcachedConfiguration(servers: [MemcachedServer(server.address)]))
    /// ```
    public init(_ address: TestServerAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host, port: UInt16(truncatingIfNeeded: port))
        case .unixSocket(let path): self = .unix(path)
        }
    }
}
