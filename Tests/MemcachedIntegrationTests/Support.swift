import Memcached
import MemcachedTestSupport

extension MemcachedConfiguration {
    /// A configuration for servers of the tests, with the patience that a busy machine and sanitizers need.
    init(_ servers: MemcachedProcess...) {
        self.init(servers: servers.map { MemcachedServer($0.address) })
        timeouts.operation = .seconds(60)
        timeouts.connect = .seconds(30)
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
