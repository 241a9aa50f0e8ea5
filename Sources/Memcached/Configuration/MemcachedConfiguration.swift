public import Logging
public import MemcachedHashing
public import NIOCore

/// How a client finds, reaches and treats its servers.
///
/// Every default works as it is.
public struct MemcachedConfiguration: Sendable {
    /// How long things may take.
    public struct Timeouts: Hashable, Sendable {
        /// One operation from call to result: waiting, connecting, authentication, sending and receiving.
        ///
        /// Default 1 s.
        public var operation: Duration = .seconds(1)
        /// One attempt to connect, TLS and SASL included.
        ///
        /// It goes on when the operations that wait for it give up. Default 2 s.
        public var connect: Duration = .seconds(2)

        /// The defaults.
        public init() {}
    }

    /// The largest item: value, key and what the server adds for its own use, about 60 bytes.
    public enum Item: Hashable, Sendable {
        /// Everything is sent; too large an item fails with ``MemcachedError/Code/valueTooLarge`` after its bytes have
        /// gone over the network, and a SET of it removes the item that was there before.
        case serverDecides
        /// So many bytes, as with the server's `-I`.
        case bytes(Int)
        /// Each server is asked once (`stats settings`). Not every hosted service answers; then the server decides.
        case asServerSays
    }

    /// How much is taken on before new work is refused or has to wait.
    public struct Limits: Hashable, Sendable {
        /// The longest response body accepted, in bytes; a longer one closes the connection.
        ///
        /// Default 64 MiB.
        public var responseBytes = 64 << 20
        /// Requests without an answer on one connection; more wait.
        ///
        /// Default 16,384.
        public var requestsInFlight = 16_384
        /// Bytes of such requests on one connection; more wait.
        ///
        /// Default 64 MiB.
        public var bytesInFlight = 64 << 20
        /// How large an item may be before it is refused without being sent.
        ///
        /// Default: the server decides.
        public var item = MemcachedConfiguration.Item.serverDecides
        /// Operations that may wait for a server; those that are called on an event loop are counted for each loop.
        ///
        /// Beyond, ``MemcachedError/Code/overloaded``. Default 65,536.
        public var waitingRequests = 65_536

        /// The defaults.
        public init() {}
    }

    /// How long to leave a server alone that is down, before the next operation tries it.
    public struct Backoff: Hashable, Sendable {
        /// When it has just gone down.
        ///
        /// Doubles with each attempt that fails; each pause is a random time from half of this one to the whole.
        public var initial: Duration = .milliseconds(50)
        /// The longest pause.
        public var maximum: Duration = .seconds(1)

        /// The defaults.
        public init() {}
    }

    /// The servers, in an order that every process should share: placement may depend on it.
    public var servers: [MemcachedServer]
    /// Which server holds which key.
    ///
    /// The default is the ring that libmemcached, PHP and Python share.
    public var selection: ServerSelection = .default
    /// What the servers are to one another: each with keys of its own, or all with the same.
    public var placement = Placement.byKey
    /// What becomes of the keys of a server that is down.
    public var failures = Failures()
    /// Has the servers follow the addresses of the one host that is configured; nil to connect to what is configured.
    public var discovery: Discovery?
    /// Who looks addresses up for ``discovery``.
    package var resolver: any AddressResolver = SystemResolver()
    /// TLS to every server; nil for clear text.
    ///
    /// What is to be encrypted is never sent in clear instead.
    public var tls: MemcachedTLS?
    /// User name and password for SASL; nil for servers without SASL, or when ``credentialsProvider`` gives them.
    public var credentials: MemcachedCredentials?
    /// Where user name and password come from when they change or differ from server to server.
    public var credentialsProvider: MemcachedCredentialsProvider?
    /// Which SASL mechanisms are used, and where.
    public var authentication = MemcachedAuthentication()
    /// Put in front of every key.
    ///
    /// Not part of server selection. Its length counts towards a key's 250 bytes.
    public var namespace: String = ""
    /// How values become bytes and flags.
    ///
    /// Every program that shares a key has to use the same.
    public var transcoder: any MemcachedTranscoder = .standard
    /// What is done with keys that are long or hard to name for others.
    public var keys = MemcachedKeyPolicy()
    /// How long things may take.
    public var timeouts = Timeouts()
    /// How often an operation is tried before it fails, the first time included: 1 to 16, or nil for once at each server
    /// that may take it.
    ///
    /// It is tried again only where that cannot act twice: when nothing was sent, or the answer of a read was lost. Each
    /// try goes to another server where ``placement-swift.property`` and ``failures-swift.property`` have one for it, and
    /// else to the same one, after a moment's pause; never to a server that is down, and not after what another try would
    /// not change, such as refused credentials. All tries together have the time of ``Timeouts/operation``: a read waits
    /// for half of what is left of it in each but the last. A batch is tried as a whole, as far as it may.
    ///
    /// Default nil: never twice at one server, but for a read whose connection ended.
    public var tries: Int?
    /// How much is taken on.
    public var limits = Limits()
    /// The connections to each server.
    public var pool = Pool()
    /// When a server counts as down.
    public var health = Health()
    /// Pauses between attempts to reach a server that is down.
    public var backoff = Backoff()
    /// Spreads attempts to connect; one for the process, unless a test has its own.
    package var connectLimiter = ConnectLimiter.shared
    /// Whether idle TCP connections are probed by the operating system.
    public var keepAlive = true
    /// Event loops to run on; nil for the process-wide ones.
    ///
    /// Give those that your handlers run on: who calls on one of them (an actor with the loop as its executor, for
    /// example) gets a connection that lives there too, see ``Pool/connectionsPerLoop``, and changes no threads. The
    /// client never shuts them down.
    public var eventLoopGroup: (any EventLoopGroup)?
    /// Where events go: `debug` for connections, `info` once when an outage begins and when it ends.
    public var logger = Logger(label: "memcached", factory: { _ in SwiftLogNoOpLogHandler() })
    /// Who is told of what the client does, besides the log.
    ///
    /// Default: nobody.
    public var observability = Observability()
    /// The name of the named pool that this configures; it is set when the pool is opened.
    package internal(set) var poolName: String?

    /// Configures a client for these servers.
    public init(servers: [MemcachedServer]) {
        self.servers = servers
    }

    /// Configures a client for a list such as `"10.0.0.1:11211,10.0.0.2:11211"` or `"/run/memcached.sock"`, or by a
    /// configuration string of libmemcached such as `"--SERVER=10.0.0.1 --SERVER=10.0.0.2 --DISTRIBUTION=consistent"`.
    ///
    /// A configuration string begins with `--`. Keys are then placed as the handle that libmemcached makes of it places
    /// them: by modula, unless it says otherwise. `--SERVER=host:port/?weight`, `--SOCKET="/path/?weight"`,
    /// `--NAMESPACE=`, `--DISTRIBUTION=`, `--HASH=`, `--HASH-WITH-NAMESPACE`, `--SORT-HOSTS`, `--VERIFY-KEY`,
    /// `--CONNECT-TIMEOUT=` and `--POLL-TIMEOUT=` (milliseconds), `--REMOVE-FAILED-SERVERS=` (1 to eject),
    /// `--SERVER-FAILURE-LIMIT=` and `--RETRY-TIMEOUT=` (seconds) are read; what is always so here is accepted
    /// (`--BINARY-PROTOCOL`, `--SUPPORT-CAS`, `--TCP-NODELAY`, `--TCP-KEEPALIVE`); everything else is an error.
    ///
    /// - Parameter list: See ``MemcachedServer/init(parsing:)``.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration``.
    public init(servers list: String) throws(MemcachedError) {
        guard LibmemcachedOptions.isLikely(list) else {
            self.init(servers: try MemcachedServer.list(parsing: list))
            return
        }
        self.init(try LibmemcachedOptions(parsing: list))
    }

    private init(_ options: LibmemcachedOptions) {
        self.init(servers: options.servers)
        selection = options.selection
        if let namespace = options.namespace { self.namespace = namespace }
        if let timeout = options.connectTimeout { timeouts.connect = timeout }
        if let timeout = options.operationTimeout { timeouts.operation = timeout }
        keys.requiresTextSafe = options.requiresTextSafeKeys
        if options.ejectsServers { failures.policy = .eject }
        if let limit = options.failureLimit { health.failureThreshold = limit }
        if let pause = options.retryTimeout {
            backoff.initial = pause
            backoff.maximum = pause
        }
    }

    /// Checks that the settings make sense; the client does so when it is made.
    ///
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names the setting.
    public func validate() throws(MemcachedError) {
        func require(_ condition: Bool, _ advice: String) throws(MemcachedError) {
            guard condition else { throw MemcachedError(.invalidConfiguration, advice) }
        }
        try require(!servers.isEmpty, "name at least one server, for example \"127.0.0.1:11211\"")
        try require(
            !servers.contains(where: \.holdsCredentials),
            "credentials do not belong into a server's address; set user name and password beside it"
        )
        try require(Set(servers.map(\.address)).count == servers.count, "a server is named twice")
        try require(servers.allSatisfy { $0.weight > 0 }, "a server's weight has to be at least 1")
        try require(
            servers.allSatisfy(\.hasPlace),
            "a server needs a host and a port from 1 to 65535, or the path of a unix socket"
        )
        try require(namespace.utf8.count < 250, "namespace has to be shorter than 250 bytes, to leave room for keys")
        try require(timeouts.operation > .zero, "timeouts.operation has to be more than zero")
        try require(timeouts.connect > .zero, "timeouts.connect has to be more than zero")
        try require(tries.map { (1...16).contains($0) } ?? true, "tries has to be from 1 to 16, or nil")
        try require(limits.responseBytes > 0, "limits.responseBytes has to be at least 1")
        try require(limits.requestsInFlight > 0, "limits.requestsInFlight has to be at least 1")
        try require(limits.bytesInFlight > 0, "limits.bytesInFlight has to be at least 1")
        try require(limits.waitingRequests >= 0, "limits.waitingRequests cannot be negative")
        try pool.validate()
        try require(health.failureThreshold > 0, "health.failureThreshold has to be at least 1")
        try require(backoff.initial > .zero, "backoff.initial has to be more than zero")
        try require(backoff.maximum >= backoff.initial, "backoff.maximum cannot be less than backoff.initial")
        try validateRouting()
        try tls?.validate(for: servers)
        try validateAuthentication()
    }
}
