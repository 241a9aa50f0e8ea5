import Memcached
import MemcachedTestSupport

extension MemcachedConfiguration {
    /// A configuration for a server of the tests, with the patience that a busy machine and sanitizers need.
    init(_ server: MemcachedProcess) {
        self.init(servers: [MemcachedServer(server.address)])
        timeouts.operation = .seconds(10)
        timeouts.connect = .seconds(10)
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
