import Memcached

extension Options {
    /// The client's default configuration with the servers, the credentials and the connections that were asked for.
    func configuration() throws -> MemcachedConfiguration {
        let server = unix.map { MemcachedServer.unix($0) } ?? .tcp(host, port: port)
        var configuration = try servers.map { try MemcachedConfiguration(servers: $0) } ?? .init(servers: [server])
        if let user { configuration.credentials = MemcachedCredentials(username: user, password: password) }
        if usesTLS {
            let trust = authority.map { MemcachedTLS.Trust.authorities(.file($0)) }
            configuration.tls = MemcachedTLS(trust: trust ?? .dangerouslyTrustAnyServer)
        }
        if let connections {
            switch mode {
            case .task: configuration.pool.connections = connections
            case .loop: configuration.pool.connectionsPerLoop = connections
            }
        }
        return configuration
    }
}

extension Options.Mode {
    /// Runs a closure where this mode has the calling tasks run.
    ///
    /// - Parameters:
    ///   - client: Whose event loop it is.
    ///   - body: What to run.
    /// - Returns: What it returns.
    /// - Throws: What it throws.
    func run<Value: Sendable>(
        on client: MemcachedClient,
        _ body: @concurrent @Sendable () async throws -> Value
    ) async throws -> Value {
        switch self {
        case .task: try await body()
        case .loop: try await client.withLocalExecutor(body)
        }
    }
}
