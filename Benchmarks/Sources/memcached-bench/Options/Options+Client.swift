import Memcached

extension Options {
    /// The client's default configuration with the server, the credentials and the connections that were asked for.
    func configuration() throws -> MemcachedConfiguration {
        let server = unix.map { MemcachedServer.unix($0) } ?? .tcp(host, port: port)
        var configuration = MemcachedConfiguration(servers: [server])
        if let user { configuration.credentials = MemcachedCredentials(username: user, password: password) }
        if let authority {
            configuration.tls = MemcachedTLS(trust: .authorities(.file(authority)))
        } else if usesTLS {
            configuration.tls = MemcachedTLS(trust: .dangerouslyTrustAnyServer)
        }
        if let connections { configuration.pool.connections = connections }
        return configuration
    }
}

extension Options.Mode {
    /// Runs a closure where this mode has the calling tasks run.
    func run<Value: Sendable>(
        on client: MemcachedClient,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        switch self {
        case .task: return try await body()
        case .loop: throw BenchmarkFailure("--mode loop: the client has no local executor yet")
        }
    }
}
