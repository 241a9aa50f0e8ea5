import MemcachedTestSupport

/// A memcached of our own on a free port of the loopback interface, with a throw-away user if it knows SASL.
struct PrivateCache: Sendable {
    /// The server.
    let server: MemcachedProcess
    /// Whether it demands SASL.
    let demandsSASL: Bool
    /// What the application's processes get to find it.
    let variables: [String: String]

    /// Starts the server.
    ///
    /// - Parameter marker: A variable that tells the processes of this run from others.
    /// - Returns: The running server.
    /// - Throws: `MemcachedTestSupportError`, whose text says what to install.
    static func start(marker: [String: String]) async throws -> PrivateCache {
        let user = MemcachedProcess.SASL(user: "demo-\(randomText(8))", password: randomText(32))
        do {
            let server = try await MemcachedProcess.start(.init(sasl: user, environment: marker))
            return PrivateCache(server: server, user: user.users.first)
        } catch let error as MemcachedTestSupportError where canRunPlain(error) {
            Console.line(error.message)
            Console.line("Going on WITHOUT SASL: the sessions are shared, authentication is not shown.")
            return PrivateCache(server: try await MemcachedProcess.start(.init(environment: marker)), user: nil)
        }
    }

    private init(server: MemcachedProcess, user: MemcachedProcess.SASL.User?) {
        self.server = server
        demandsSASL = user != nil
        var variables = ["MEMCACHED_SERVERS": "\(server.address)"]
        variables["MEMCACHED_USERNAME"] = user?.name
        variables["MEMCACHED_PASSWORD"] = user?.password
        self.variables = variables
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
