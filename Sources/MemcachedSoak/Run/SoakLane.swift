import Memcached
import MemcachedTestSupport
import NIOCore

/// One client under test with its servers, and the proxies between them.
struct SoakLane: Sendable {
    /// Whether the servers demand SASL.
    let isAuthenticated: Bool
    let servers: [MemcachedProcess]
    let proxies: [FaultProxy]
    /// How the client under test reaches the proxies.
    let configuration: MemcachedConfiguration

    private static let user = (name: "soak", password: "p-soak-secret")
    private static let namespace = "soak:"

    /// Enough that nothing is evicted: a miss is then never an accident.
    private static let arguments = ["-m", "1024"]

    static func start(serverCount: Int, isAuthenticated: Bool, seed: UInt64) async throws -> SoakLane {
        var servers: [MemcachedProcess] = []
        var proxies: [FaultProxy] = []
        for number in 0..<serverCount {
            let sasl = isAuthenticated ? MemcachedProcess.SASL(user: user.name, password: user.password) : nil
            let server = try await MemcachedProcess.start(.init(sasl: sasl, arguments: arguments))
            servers.append(server)
            proxies.append(try await FaultProxy.start(upstream: server.address, seed: seed &+ UInt64(number)))
        }
        var configuration = MemcachedConfiguration(servers: proxies.map { MemcachedServer($0.address) })
        configuration.timeouts.operation = .milliseconds(200)
        configuration.timeouts.connect = .milliseconds(300)
        configuration.backoff.initial = .milliseconds(5)
        configuration.backoff.maximum = .milliseconds(40)
        configuration.limits.responseBytes = 8 << 20
        if isAuthenticated {
            configuration.credentials = MemcachedCredentials(username: user.name, password: user.password)
            configuration.namespace = namespace
            // So little room that it runs out: requests wait for it, and some are refused.
            configuration.limits.requestsInFlight = 16
            configuration.limits.waitingRequests = 12
        }
        return SoakLane(
            isAuthenticated: isAuthenticated,
            servers: servers,
            proxies: proxies,
            configuration: configuration
        )
    }

    /// A client that reaches one of the servers with nothing in between.
    func cleanClient(of server: Int) throws -> MemcachedClient {
        var clean = configuration
        clean.servers = [MemcachedServer(servers[server].address)]
        clean.limits = .init()
        clean.timeouts = .init()
        clean.timeouts.operation = .seconds(30)
        return try MemcachedClient(clean)
    }

    func stop() async {
        for proxy in proxies { await proxy.stop() }
        for server in servers { await server.stop() }
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
