import Memcached
import MemcachedTestSupport

extension MemcachedConfiguration {
    /// A configuration for a server of the tests.
    init(_ server: MemcachedProcess) {
        self.init(servers: [MemcachedServer(server.address)])
    }
}

extension MemcachedServer {
    /// The server at a test address.
    init(_ address: TestServerAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host, port: UInt16(port))
        case .unixSocket(let path): self = .unix(path)
        }
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
