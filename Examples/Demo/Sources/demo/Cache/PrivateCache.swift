import MemcachedTestSupport

/// A memcached of our own, or a ring of them, on free ports of the loopback interface, with a throw-away user if it
/// knows SASL.
struct PrivateCache: Sendable {
    /// The servers, at least one.
    let servers: [MemcachedProcess]
    /// The first server, which is the only one unless more were asked for.
    let server: MemcachedProcess
    /// Whether it demands SASL.
    let demandsSASL: Bool
    /// What the application's processes get to find it.
    let variables: [String: String]

    /// Starts the servers.
    ///
    /// - Parameters:
    ///   - marker: A variable that tells the processes of this run from others.
    ///   - count: How many servers.
    /// - Returns: The running servers, which have one user in common.
    /// - Throws: `MemcachedTestSupportError`, whose text says what to install.
    static func start(marker: [String: String], servers count: Int = 1) async throws -> PrivateCache {
        let user = MemcachedProcess.SASL(user: "demo-\(randomText(8))", password: randomText(32))
        do {
            return try await start(.init(sasl: user, environment: marker), count)
        } catch let error as MemcachedTestSupportError where canRunPlain(error) {
            Console.line(error.message)
            Console.line("Going on WITHOUT SASL: the sessions are shared, authentication is not shown.")
            return try await start(.init(environment: marker), count)
        }
    }

    private static func start(_ options: MemcachedProcess.Options, _ count: Int) async throws -> PrivateCache {
        let first = try await MemcachedProcess.start(options)
        var servers = [first]
        do {
            while servers.count < count { servers.append(try await MemcachedProcess.start(options)) }
        } catch {
            for server in servers { await server.stop() }
            throw error
        }
        return PrivateCache(first, servers, user: options.sasl?.users.first)
    }

    private init(_ first: MemcachedProcess, _ servers: [MemcachedProcess], user: MemcachedProcess.SASL.User?) {
        self.server = first
        self.servers = servers
        demandsSASL = user != nil
        var variables = ["MEMCACHED_SERVERS": servers.map { "\($0.address)" }.joined(separator: ",")]
        variables["MEMCACHED_USERNAME"] = user?.name
        variables["MEMCACHED_PASSWORD"] = user?.password
        self.variables = variables
    }

    /// Stops the servers.
    func stop() async {
        for server in servers { await server.stop() }
    }

    /// Whether an error means that the installed memcached knows no SASL, not that something is missing.
    private static func canRunPlain(_ error: MemcachedTestSupportError) -> Bool {
        #if os(macOS)
        error.code == .saslUnsupported || error.code == .saslToolsMissing
        #else
        error.code == .saslUnsupported
        #endif
    }
}

/// Random hexadecimal digits from the system's generator.
///
/// - Parameter count: How many digits.
/// - Returns: The digits.
func randomText(_ count: Int) -> String {
    String((0..<count).compactMap { _ in "0123456789abcdef".randomElement() })
}
