import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A proxy in front of a real server that does to the traffic what networks, proxies and broken servers do.
///
/// ```swift
/// let proxy = try await FaultProxy.start(upstream: server.address, seed: 42)
/// proxy.plan = FaultPlan([.init(.delay(.zero ... .milliseconds(20)))])
/// // … point the client at proxy.address …
/// proxy.inject(.wrongOpaque)
/// #expect(proxy.counts.faults[.wrongOpaque] == 1)
/// await proxy.stop()
/// ```
///
/// It cuts both directions into frames of the binary protocol, so that faults happen to frames and not to arbitrary
/// bytes; in raw mode (for TLS) it takes bytes as they come. What is random comes from the seed: the n-th frame of a
/// direction of the n-th connection meets the same fate in every run with the same plan, as long as rules with
/// `limit` or `skipping` are not shared by several connections. Dropping the last reference stops the proxy.
public final class FaultProxy: Sendable {
    /// What the proxy does with a client that connects.
    public enum AcceptMode: Hashable, Sendable {
        /// Connects it with the server.
        case forward
        /// Takes the connection and everything that the client sends, answers nothing and does not connect to the server.
        case ignore
        /// Resets the connection at once.
        case refuse
        /// Lets the attempt to connect hang, as behind a firewall that drops packets. TCP only: on a unix socket it
        /// is the same as ``ignore``.
        case hang
    }

    /// Where clients connect to.
    public let address: TestServerAddress

    private let core: ProxyCore
    private let listener: any Channel

    /// Starts a proxy on a free port of 127.0.0.1, or on a unix socket.
    /// - Parameters:
    ///   - upstream: The server behind it; may be changed later.
    ///   - plan: The faults; may be changed later.
    ///   - seed: What decides everything random.
    ///   - isRaw: Whether not to look for frames.
    ///   - unixSocket: The path at which to listen instead of on a port.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system`` if listening fails.
    /// - Returns: The proxy, which accepts connections.
    public static func start(
        upstream: TestServerAddress,
        plan: FaultPlan = .none,
        seed: UInt64 = 0,
        isRaw: Bool = false,
        unixSocket: String? = nil
    ) async throws(MemcachedTestSupportError) -> FaultProxy {
        let core = ProxyCore(upstream: upstream, plan: plan, seed: seed, isRaw: isRaw)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.accept(channel) }
            }
        let listener = try await Listening.bind(bootstrap, unixSocket: unixSocket)
        return FaultProxy(core, listener.channel, listener.address)
    }

    private init(_ core: ProxyCore, _ listener: any Channel, _ address: TestServerAddress) {
        self.core = core
        self.listener = listener
        self.address = address
    }

    deinit {
        listener.close(promise: nil)
        core.endConnections(.close)
    }

    /// The faults that happen from now on; setting it starts the counts of its rules anew.
    public var plan: FaultPlan {
        get { core.schedule.withLockedValue { $0.plan } }
        set { core.schedule.withLockedValue { $0.plan = newValue } }
    }

    /// The server to which connections that are accepted from now on lead.
    public var upstream: TestServerAddress {
        get { core.upstream.withLockedValue { $0 } }
        set { core.upstream.withLockedValue { $0 = newValue } }
    }

    /// What has happened so far.
    public var counts: Counts {
        core.counts.withLockedValue { $0 }
    }

    /// Has a fault happen once, to the next response that it fits, before what the plan says.
    /// - Parameters:
    ///   - fault: What happens.
    ///   - opcodes: To a response of which opcodes; nil for any.
    public func inject(_ fault: Fault, opcodes: Set<UInt8>? = nil) {
        inject(FaultPlan.Rule(fault, opcodes: opcodes, limit: 1))
    }

    /// Has a fault happen as a rule says, before what the plan says.
    /// - Parameter rule: What happens and when; it is forgotten when its limit has been reached.
    public func inject(_ rule: FaultPlan.Rule) {
        core.schedule.withLockedValue { $0.inject(rule) }
    }

    /// Decides what happens to clients that connect from now on; open connections stay as they are.
    /// - Parameter mode: What happens to them.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system`` if the operating system does not let
    ///   connecting hang.
    public func setAcceptMode(_ mode: AcceptMode) async throws(MemcachedTestSupportError) {
        let previous = core.acceptMode.withLockedValue { current in
            defer { current = mode }
            return current
        }
        guard address.path == nil, previous != mode else { return }
        if mode == .hang {
            try await core.fullBacklog.fill(listener, address)
        } else if previous == .hang {
            try await core.fullBacklog.drain(listener)
        }
    }

    /// Holds all responses back on all connections until ``resumeResponses()``; nothing is lost.
    ///
    /// What has been sent is sent; from the return of this call on nothing more is.
    public func pauseResponses() {
        core.setPaused(true)
    }

    /// Hands over what has been held since ``pauseResponses()``.
    public func resumeResponses() {
        core.setPaused(false)
    }

    /// Closes all open connections on both sides.
    public func closeConnections() {
        core.endConnections(.close)
    }

    /// Resets all open connections towards their clients (RST on TCP).
    public func resetConnections() {
        core.endConnections(.reset)
    }

    /// Stops listening and closes all connections.
    public func stop() async {
        try? await setAcceptMode(.refuse)
        try? await listener.close().get()
        await core.stop()
    }
}

/// Runs a proxy for the length of a closure and stops it whatever happens.
/// - Parameters:
///   - upstream: The server behind it.
///   - plan: The faults.
///   - seed: What decides everything random.
///   - body: What to do with it.
/// - Throws: What ``FaultProxy/start(upstream:plan:seed:isRaw:unixSocket:)`` throws, and what the closure throws.
/// - Returns: What the closure returns.
public func withFaultProxy<Value>(
    upstream: TestServerAddress,
    plan: FaultPlan = .none,
    seed: UInt64 = 0,
    _ body: (FaultProxy) async throws -> Value
) async throws -> Value {
    let proxy = try await FaultProxy.start(upstream: upstream, plan: plan, seed: seed)
    do {
        let value = try await body(proxy)
        await proxy.stop()
        return value
    } catch {
        await proxy.stop()
        throw error
    }
}
