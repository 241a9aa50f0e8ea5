import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A server in this process that speaks memcached's binary protocol over a real socket and keeps its items in memory.
///
/// It needs no program, starts in a millisecond, keeps time by a clock of the test and misbehaves on demand:
///
/// ```swift
/// let clock = ManualClock()
/// let server = try await FakeMemcachedServer.start(clock: clock)
/// // … point the client at server.address …
/// clock.advance(by: .seconds(61))          // items with an expiration of 60 s are gone
/// server.inject(.wrongOpaque)              // the next response is wrong
/// server.script = { request in             // every second GET finds the server busy
///     request.frame.opcode == 0x00 && request.number.isMultiple(of: 2)
///         ? [.refuse(status: 0x85, text: "Busy")] : [.answer]
/// }
/// await server.stop()
/// ```
///
/// Answers, statuses and what happens to malformed requests are those of memcached 1.6.18, as far as this package's
/// tests compare them with one. It does not evict, knows SASL PLAIN only, and answers text with `ERROR`. Dropping the
/// last reference stops it.
public final class FakeMemcachedServer: Sendable {
    /// What kind of server.
    public struct Configuration: Sendable {
        /// Passwords by user name; with any, clients have to authenticate with SASL PLAIN.
        public var users: [String: String]
        /// The size of the largest item in bytes, key and about 60 bytes of overhead included.
        public var itemSizeLimit: Int
        /// How many bytes of items are held before stores are answered with 0x82, out of memory; nil for no limit.
        public var memoryLimit: Int?
        /// Whether items have a CAS; a server started with `-C` has none.
        public var hasCAS: Bool
        /// Whether FLUSH is allowed; a server started with `-F` refuses it.
        public var allowsFlush: Bool
        /// What VERSION answers.
        public var version: String
        /// The Unix time at which the server starts, in seconds; nil for the real time.
        ///
        /// It decides what expirations that are Unix times mean.
        public var startTime: Int64?
        /// The path of a unix socket to listen on; nil for a free port of 127.0.0.1.
        public var unixSocket: String?
        /// What decides everything random in the faults.
        public var seed: UInt64

        /// Describes a server.
        /// - Parameters:
        ///   - users: Passwords by user name.
        ///   - itemSizeLimit: The size of the largest item in bytes.
        ///   - memoryLimit: How many bytes of items are held.
        ///   - hasCAS: Whether items have a CAS.
        ///   - allowsFlush: Whether FLUSH is allowed.
        ///   - version: What VERSION answers.
        ///   - startTime: The Unix time at which the server starts.
        ///   - unixSocket: The path of a unix socket to listen on.
        ///   - seed: What decides everything random in the faults.
        public init(
            users: [String: String] = [:],
            itemSizeLimit: Int = 1 << 20,
            memoryLimit: Int? = nil,
            hasCAS: Bool = true,
            allowsFlush: Bool = true,
            version: String = "1.6.18",
            startTime: Int64? = nil,
            unixSocket: String? = nil,
            seed: UInt64 = 0
        ) {
            self.users = users
            self.itemSizeLimit = itemSizeLimit
            self.memoryLimit = memoryLimit
            self.hasCAS = hasCAS
            self.allowsFlush = allowsFlush
            self.version = version
            self.startTime = startTime
            self.unixSocket = unixSocket
            self.seed = seed
        }
    }

    /// Where clients connect to.
    public let address: TestServerAddress

    let core: FakeServerCore
    private let listener: any Channel

    /// Starts a server.
    /// - Parameters:
    ///   - configuration: What kind of server.
    ///   - clock: What expirations are measured by, in whole seconds as on memcached.
    ///   - script: What to do about each well-formed request; nil answers them all.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system`` if listening fails.
    /// - Returns: The server, which accepts connections.
    public static func start<C: Clock<Duration>>(
        _ configuration: Configuration = Configuration(),
        clock: C = ContinuousClock(),
        script: Script? = nil
    ) async throws(MemcachedTestSupportError) -> FakeMemcachedServer {
        let core = FakeServerCore(configuration, clock: clock, script: script)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.accept(channel) }
            }
        let listener = try await Listening.bind(bootstrap, unixSocket: configuration.unixSocket)
        return FakeMemcachedServer(core, listener.channel, listener.address)
    }

    private init(_ core: FakeServerCore, _ listener: any Channel, _ address: TestServerAddress) {
        self.core = core
        self.listener = listener
        self.address = address
    }

    deinit {
        listener.close(promise: nil)
        core.endConnections(.close)
    }

    /// What is done about each well-formed request from now on; nil answers them all.
    public var script: Script? {
        get { core.script.withLockedValue { $0 } }
        set { core.script.withLockedValue { $0 = newValue } }
    }

    /// The faults that happen to responses from now on; setting it starts the counts of its rules anew.
    public var plan: FaultPlan {
        get { core.schedule.withLockedValue { $0.plan } }
        set { core.schedule.withLockedValue { $0.plan = newValue } }
    }

    /// Has a fault happen once, to the next response that it fits, before what the plan says.
    /// - Parameters:
    ///   - fault: What happens.
    ///   - opcodes: To a response of which opcodes; nil for any.
    public func inject(_ fault: Fault, opcodes: Set<UInt8>? = nil) {
        core.schedule.withLockedValue { $0.inject(FaultPlan.Rule(fault, opcodes: opcodes, limit: 1)) }
    }

    /// What has happened so far.
    public var counts: Counts {
        core.counts.withLockedValue { $0 }
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

    /// Closes all open connections.
    public func closeConnections() {
        core.endConnections(.close)
    }

    /// Resets all open connections (RST on TCP).
    public func resetConnections() {
        core.endConnections(.reset)
    }

    /// Stops listening and closes all connections; the items stay readable.
    public func stop() async {
        try? await listener.close().get()
        await core.stop()
    }
}
