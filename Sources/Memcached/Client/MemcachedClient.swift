import NIOCore
public import ServiceLifecycle

/// A client for one or many memcached servers.
///
/// It works at once: connections open on first use and there is nothing to run. Any number of tasks may use it; their
/// requests share connections and never wait for one another's callers. Dropping the last reference closes the
/// sockets; ``shutdown(within:)`` finishes what is under way first.
///
/// ```swift
/// let cache = try MemcachedClient(servers: "10.0.0.1:11211,10.0.0.2:11211")
/// try await cache.set("greeting", to: "hello", expiring: .after(.seconds(60)))
/// let item = try await cache.get("greeting")       // nil on a miss
/// ```
///
/// Every operation takes a `timeout`, by default ``MemcachedConfiguration/Timeouts/operation``, that covers all it
/// does, connecting included. A timeout or a cancelled task ends that call only: the connection and everybody else's
/// requests go on.
public final class MemcachedClient: Sendable {
    package let configuration: MemcachedConfiguration
    let core: ClientCore
    /// The loads under way of ``getOrSet(_:as:expiring:routedBy:timeout:_:)``.
    let loads: Loads
    /// The part of a named pool that this is; nil for a client with a core of its own.
    private let reference: PoolReference?

    typealias Loads = SingleFlight<LoadKey, MemcachedPayload>

    /// Makes a client.
    ///
    /// Nothing is connected yet.
    ///
    /// - Parameter configuration: What to connect to and how.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration``.
    public init(_ configuration: MemcachedConfiguration) throws(MemcachedError) {
        self.configuration = configuration
        self.core = try ClientCore(configuration: configuration)
        self.loads = Loads()
        self.reference = nil
    }

    /// A client of a named pool, whose core lives on without it.
    init(sharing core: ClientCore, _ configuration: MemcachedConfiguration, _ loads: Loads, _ reference: PoolReference)
    {
        self.configuration = configuration
        self.core = core
        self.loads = loads
        self.reference = reference
    }

    /// Makes a client with default settings.
    ///
    /// Nothing is connected yet.
    ///
    /// - Parameter servers: A list such as `"10.0.0.1:11211,10.0.0.2:11211"`; see ``MemcachedServer/init(parsing:)``.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration``.
    public convenience init(servers: String) throws(MemcachedError) {
        try self.init(MemcachedConfiguration(servers: servers))
    }

    deinit {
        if reference == nil { core.close() }
    }

    /// The servers of this moment, in the order of the configuration or of the last
    /// ``update(servers:)-([MemcachedServer])``.
    public var servers: [MemcachedServer] { core.topology.members.map(\.server) }

    /// The server that holds a key.
    ///
    /// - Parameters:
    ///   - key: The key, without the namespace.
    ///   - group: The key of a group that stays together, as given to the operation.
    /// - Returns: The server, whether it can be reached or not.
    public func server(of key: MemcachedKey, routedBy group: MemcachedKey? = nil) -> MemcachedServer {
        core.topology.member(of: core.placed(key, routedBy: group)).server
    }

    /// Ends the client: nothing new is taken, and what is in flight may finish.
    ///
    /// The client of a named pool leaves that to ``closeNamed(_:within:)`` and does nothing.
    ///
    /// - Parameter patience: How long to wait for answers before the sockets are closed all the same.
    public func shutdown(within patience: Duration = .seconds(5)) async {
        guard reference == nil else { return }
        await core.shutDown(within: patience)
    }

    /// What happened on the connections so far.
    package var counters: ConnectionCounters { core.counters }
}

extension MemcachedClient: Service {
    /// Waits for graceful shutdown, then drains and ends the client.
    ///
    /// Calling it is not needed for the client to work; a `ServiceGroup` calls it to end the client with the process.
    public func run() async throws {
        // Cancellation ends the wait as graceful shutdown does.
        try? await gracefulShutdown()
        await shutdown()
    }
}
