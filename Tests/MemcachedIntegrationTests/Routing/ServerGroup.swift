import Memcached
import MemcachedTestSupport

/// Several memcacheds for the length of a closure, and what each of them holds.
struct ServerGroup {
    let processes: [MemcachedProcess]

    var servers: [MemcachedServer] { processes.map { MemcachedServer($0.address) } }

    /// A configuration for all of them, or some, that finds out soon who is down.
    func configuration(_ indices: [Int]? = nil) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: (indices ?? Array(servers.indices)).map { servers[$0] })
        configuration.timeouts.operation = .seconds(60)
        configuration.timeouts.connect = .seconds(30)
        configuration.backoff.initial = .milliseconds(10)
        configuration.backoff.maximum = .milliseconds(50)
        return configuration
    }

    /// Whether a server holds a key, asked without the client under test.
    func holds(_ index: Int, _ key: MemcachedKey) async throws -> Bool {
        let client = try MemcachedClient(configuration([index]))
        return try await client.get(key) != nil
    }

    func index(of server: MemcachedServer?) -> Int? { servers.firstIndex { $0 == server } }
}

/// Starts memcacheds and stops them whatever happens.
func withMemcacheds(_ count: Int, _ body: (ServerGroup) async throws -> Void) async throws {
    func start(_ processes: [MemcachedProcess]) async throws {
        if processes.count == count { return try await body(ServerGroup(processes: processes)) }
        try await withMemcached { try await start(processes + [$0]) }
    }
    try await start([])
}

/// Waits until something is the case, which it has to become.
func eventually(
    _ what: String,
    within patience: Duration = .seconds(60),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + patience
    while try await !condition() {
        guard clock.now < end else { throw NeverHappened(what: what) }
        try await Task.sleep(for: .milliseconds(5))
    }
}

struct NeverHappened: Error {
    let what: String
}
