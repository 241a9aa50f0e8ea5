import Memcached
import MemcachedTestSupport
import NIOCore

extension MemcachedConfiguration {
    /// A configuration for servers of the tests, with patience for a busy machine.
    init(_ addresses: TestServerAddress...) {
        self.init(servers: addresses.map { MemcachedServer($0) })
        timeouts.operation = .seconds(30)
        timeouts.connect = .seconds(30)
    }
}

extension MemcachedServer {
    /// The server at a test address.
    init(_ address: TestServerAddress) {
        switch address {
        case .tcp(let host, let port): self = .tcp(host, port: UInt16(clamping: port))
        case .unixSocket(let path): self = .unix(path)
        }
    }
}

/// What the tests set in a client's configuration.
struct ClientSettings {
    var operation = Duration.seconds(30)
    var connect = Duration.seconds(30)
    var pause: Duration?
    var namespace = ""

    /// A configuration with these settings.
    func configuration(_ address: TestServerAddress) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(address)
        configuration.timeouts.operation = operation
        configuration.timeouts.connect = connect
        configuration.namespace = namespace
        if let pause { configuration.backoff.initial = pause }
        if let pause { configuration.backoff.maximum = pause }
        return configuration
    }
}

/// Runs a client against a memcached of its own.
///
/// - Parameters:
///   - options: What kind of server.
///   - settings: What to set in the client's configuration.
///   - body: The test.
/// - Throws: What starting the server throws, and what the test throws.
func withClient(
    _ options: MemcachedProcess.Options = .init(),
    _ settings: ClientSettings = ClientSettings(),
    _ body: (MemcachedClient, MemcachedProcess) async throws -> Void
) async throws {
    try await withMemcached(options) { server in
        try await body(try MemcachedClient(settings.configuration(server.address)), server)
    }
}

/// Runs a client against a memcached behind a proxy.
///
/// - Parameters:
///   - settings: What to set in the client's configuration.
///   - body: The test.
/// - Throws: What starting server and proxy throws, and what the test throws.
func withProxiedClient(
    _ settings: ClientSettings = ClientSettings(),
    _ body: (MemcachedClient, FaultProxy, MemcachedProcess) async throws -> Void
) async throws {
    try await withMemcached { server in
        try await withFaultProxy(upstream: server.address, seed: 11) { proxy in
            try await body(try MemcachedClient(settings.configuration(proxy.address)), proxy, server)
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

/// The bytes of a text.
func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

/// Asks until a condition holds, for some seconds.
///
/// - Returns: Whether it came to hold.
func comesTrue(within limit: Duration = .seconds(30), _ condition: () async throws -> Bool) async throws -> Bool {
    let began = ContinuousClock.now
    while ContinuousClock.now - began < limit {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}
