import Testing

@testable import Memcached

@Suite struct MemcachedConfigurationTests {
    @Test func `the defaults make sense`() throws {
        let configuration = try MemcachedConfiguration(servers: "a:1,b:2")
        try configuration.validate()
        #expect(configuration.servers.map(\.label) == ["a:1", "b:2"])
        #expect(configuration.timeouts.operation == .seconds(1))
        #expect(configuration.timeouts.connect == .seconds(2))
        #expect(configuration.limits.responseBytes == 64 << 20)
        #expect(configuration.limits.requestsInFlight == 16_384)
        #expect(configuration.limits.bytesInFlight == 64 << 20)
        #expect(configuration.credentials == nil)
        #expect(configuration.namespace.isEmpty)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var setting: String
        var change: @Sendable (inout MemcachedConfiguration) -> Void

        var testDescription: String { setting }
    }

    static let faults: [Fault] = [
        Fault(setting: "at least one server") { $0.servers = [] },
        Fault(setting: "named twice") { $0.servers.append($0.servers[0]) },
        Fault(setting: "named twice") { $0.servers = [.tcp("a", weight: 1), .tcp("a", weight: 2)] },
        Fault(setting: "weight") { $0.servers = [.tcp("a", weight: 0)] },
        Fault(setting: "needs a host") { $0.servers = [.tcp("")] },
        Fault(setting: "needs a host") { $0.servers = [.tcp("a", port: 0)] },
        Fault(setting: "needs a host") { $0.servers = [.unix("")] },
        Fault(setting: "namespace") { $0.namespace = String(repeating: "n", count: 250) },
        Fault(setting: "namespace") { $0.namespace = String(repeating: "é", count: 125) },
        Fault(setting: "timeouts.operation") { $0.timeouts.operation = .zero },
        Fault(setting: "timeouts.operation") { $0.timeouts.operation = .seconds(-1) },
        Fault(setting: "timeouts.connect") { $0.timeouts.connect = .zero },
        Fault(setting: "tries") { $0.tries = 0 },
        Fault(setting: "tries") { $0.tries = 17 },
        Fault(setting: "tries") { $0.tries = -1 },
        Fault(setting: "limits.responseBytes") { $0.limits.responseBytes = 0 },
        Fault(setting: "limits.requestsInFlight") { $0.limits.requestsInFlight = 0 },
        Fault(setting: "limits.bytesInFlight") { $0.limits.bytesInFlight = -1 },
        Fault(setting: "limits.waitingRequests") { $0.limits.waitingRequests = -1 },
        Fault(setting: "pool.connections") { $0.pool.connections = 0 },
        Fault(setting: "pool.connections") { $0.pool.connections = 257 },
        Fault(setting: "pool.idleTime") { $0.pool.idleTime = .zero },
        Fault(setting: "pool.maximumAge") { $0.pool.maximumAge = .seconds(-1) },
        Fault(setting: "pool.keepAliveInterval") { $0.pool.keepAliveInterval = .zero },
        Fault(setting: "health.failureThreshold") { $0.health.failureThreshold = 0 },
        Fault(setting: "backoff.initial") { $0.backoff.initial = .zero },
        Fault(setting: "backoff.maximum") { $0.backoff.maximum = .milliseconds(1) },
        Fault(setting: "user name and a password") { $0.credentials = .init(username: "", password: "p") },
        Fault(setting: "user name and a password") { $0.credentials = .init(username: "u", password: "") },
        Fault(setting: "NUL") { $0.credentials = .init(username: "u\0", password: "p") },
        Fault(setting: "NUL") { $0.credentials = .init(username: "u", password: "p\0q") },
    ]

    @Test(arguments: faults)
    func `a setting that makes no sense is named, by the client too`(fault: Fault) {
        var configuration = MemcachedConfiguration(servers: [.tcp("a")])
        fault.change(&configuration)
        for attempt in [{ try configuration.validate() }, { _ = try MemcachedClient(configuration) }] {
            let error = #expect(throws: MemcachedError.self) { try attempt() }
            #expect(error?.code == .invalidConfiguration)
            #expect(error?.detail.contains(fault.setting) == true, "\(error?.detail ?? "")")
        }
    }

    @Test func `settings at the edge of sense are taken`() throws {
        var configuration = MemcachedConfiguration(servers: [.tcp("a", weight: .max), .tcp("a", port: 1), .unix("/a")])
        configuration.namespace = String(repeating: "n", count: 249)
        configuration.timeouts.operation = .nanoseconds(1)
        configuration.timeouts.connect = .seconds(Int64.max) + .seconds(Int64.max)
        configuration.limits.responseBytes = .max
        configuration.limits.requestsInFlight = .max
        configuration.limits.bytesInFlight = 1
        configuration.limits.waitingRequests = 0
        configuration.backoff.initial = .seconds(Int64.max)
        configuration.backoff.maximum = .seconds(Int64.max)
        configuration.credentials = MemcachedCredentials(username: "u", password: "p")
        try configuration.validate()
        _ = try MemcachedClient(configuration)
    }

    @Test func `a list of servers that cannot be read is an error`() {
        let error = #expect(throws: MemcachedError.self) { try MemcachedConfiguration(servers: "a:1,") }
        #expect(error?.code == .invalidConfiguration)
        #expect(throws: MemcachedError.self) { try MemcachedClient(servers: "alice:s3cret@h") }
    }
}
