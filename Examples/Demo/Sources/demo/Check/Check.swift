import Foundation
import MemcachedTestSupport

/// The demonstration without a person: does everything that the page promises, and tells whether it held.
///
/// Everything runs against a memcached of its own. The checks stand in extensions, one file for each subject.
final class Check {
    let cache: PrivateCache
    /// A server that the variables of this process name and nobody may connect to.
    let decoy: CountingListener
    /// Marks all processes of this run, so that leftovers are found whatever they are called.
    let marker: Marker
    var list = Checklist()
    /// Processes and ports that have to be gone at the end.
    var traces = Traces()
    /// What no log may hold at the end.
    let secrets = Secrets()

    private init(cache: PrivateCache, decoy: CountingListener, marker: Marker) {
        self.cache = cache
        self.decoy = decoy
        self.marker = marker
    }

    /// Makes all checks and prints them.
    ///
    /// - Parameter port: The port of the page; 0 for a free one.
    /// - Throws: `CancellationError` when it is stopped, others when not even the servers can be started.
    /// - Returns: Whether all passed.
    static func run(port: Int) async throws -> Bool {
        let clock = ContinuousClock()
        let begin = clock.now
        let marker = Marker()
        let decoy = try await CountingListener.start()
        // From here on this process is what a developer's terminal may be: it knows of a hosted cache. Nothing else
        // runs in it yet that reads the environment.
        setenv("MEMCACHIER_SERVERS", "\(decoy.address)", 1)
        setenv("MEMCACHIER_USERNAME", "decoy", 1)
        setenv("MEMCACHIER_PASSWORD", "decoy", 1)

        Console.line("Starting a private memcached…")
        let cache = try await PrivateCache.start(marker: marker.variables)
        Console.line("  memcached at \(cache.server.address)\(cache.demandsSASL ? ", SASL PLAIN" : "")")
        let check = Check(cache: cache, decoy: decoy, marker: marker)
        do {
            try await check.runAll(port: port)
        } catch {
            await cache.server.stop()
            throw error
        }
        check.list.printSummary(after: clock.now - begin)
        return check.list.failed.isEmpty
    }

    private func runAll(port: Int) async throws {
        traces.note(cache.server)
        secrets.note(cache)
        Console.line("\nFive processes behind one address")
        // They log all that they can, for the search at the end.
        try await withFleet(port: port, options: ["LOG_LEVEL": "trace"]) { fleet in
            Console.line("  http://\(fleet.address)/")
            let visitor = Visitor(Browser(fleet.address))
            try await checkCounting(fleet, visitor)
            try await checkFailures(fleet, visitor)
            try await checkConcurrency(fleet, visitor)
            try await checkCookies(fleet, visitor)
            try await checkChromium(fleet)
            try await checkAuthentication()
            try await checkEnvironment(fleet)
            Console.line("\nControl: what has to go wrong does")
            try await checkWithoutLocks()
            try await checkOutage(fleet, visitor)
        }
        await cache.server.stop()
        try await checkMigration()
        await decoy.stop()
        Console.line("\nThe end")
        try await checkSecrets()
        try await checkLeftovers()
    }

    /// Runs a fleet for the length of a closure.
    ///
    /// - Parameters:
    ///   - port: The port of the page; 0 for a free one.
    ///   - options: What the processes are told besides where the cache is.
    ///   - body: What to do with the fleet.
    /// - Throws: What the closure throws, and others when the fleet cannot be started.
    func withFleet(
        port: Int = 0,
        options: [String: String] = [:],
        _ body: (Fleet) async throws -> Void
    ) async throws {
        try await Fleet.run(environment: environment(options), port: port, onResponse: secrets.note(response:)) {
            fleet in
            await traces.note(fleet)
            try await body(fleet)
        }
    }

    /// Runs one process without a front for the length of a closure.
    ///
    /// - Parameters:
    ///   - name: What the process is called.
    ///   - environment: All of its environment.
    ///   - body: What to do with it.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure throws, and others when the process cannot be started.
    func withProcess<Value>(
        _ name: String,
        _ environment: [String: String],
        _ body: (WebProcess) async throws -> Value
    ) async throws -> Value {
        let process = try await WebProcess.launch(name, .sessionCounter, environment)
        await traces.note(process)
        do {
            let value = try await body(process)
            await process.stop()
            return value
        } catch {
            await process.stop()
            throw error
        }
    }

    /// The environment of a process that knows a private cache.
    ///
    /// - Parameters:
    ///   - options: What the process is told besides.
    ///   - other: The cache; nil for the one of most checks.
    /// - Returns: All of the environment.
    func environment(_ options: [String: String] = [:], of other: PrivateCache? = nil) -> [String: String] {
        let options = options.merging(marker.variables) { own, _ in own }
        let parent = ProcessInfo.processInfo.environment
        return ApplicationEnvironment.make(from: parent, cache: (other ?? cache).variables, options: options)
    }
}
