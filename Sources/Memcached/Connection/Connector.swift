import NIOCore
import NIOPosix

/// Makes connections to one server: credentials, then socket, TLS and handshake with one timer over these three.
struct Connector: Sendable {
    let server: MemcachedServer
    let authenticator: ServerAuthenticator
    let timeout: Duration
    let operationTimeout: Duration
    /// How long an operation waits before it is tried again, if it is a read.
    let patience: Duration
    let limits: MemcachedConfiguration.Limits
    let keepAlive: Bool
    /// Nil for clear text.
    let tls: TLSContext?

    init(server: MemcachedServer, configuration: MemcachedConfiguration, tls: TLSContext?) {
        self.server = server
        self.authenticator = ServerAuthenticator(server: server, configuration: configuration)
        self.timeout = configuration.timeouts.connect
        self.operationTimeout = configuration.timeouts.operation
        self.patience = (configuration.tries ?? 1) > 1 ? operationTimeout / 2 : operationTimeout
        self.limits = configuration.limits
        self.keepAlive = configuration.keepAlive
        self.tls = tls
    }

    /// Connects, encrypts and authenticates, as configured.
    ///
    /// A loop that has been shut down never calls back; who waits for a connection has deadlines elsewhere.
    ///
    /// - Parameters:
    ///   - eventLoop: Where the connection lives.
    ///   - isConfirming: Whether the connection counts as made only when the server has answered something on it.
    ///   - observer: Told of the connection's end, once it was made.
    ///   - completion: Called once, on the loop: a connection ready for requests, or an error with nothing sent.
    func connect(
        on eventLoop: any EventLoop,
        isConfirming: Bool = false,
        observer: Connection.Observer,
        completion: @escaping @Sendable (Result<Connection, MemcachedError>) -> Void
    ) {
        eventLoop.execute {
            ConnectionAttempt(
                connector: self,
                eventLoop: eventLoop,
                isConfirming: isConfirming,
                observer: observer
            )
            .run(completion)
        }
    }
}

/// One attempt to connect, on its event loop.
private final class ConnectionAttempt {
    private let connector: Connector
    private let eventLoop: any EventLoop
    private let isConfirming: Bool
    private let observer: Connection.Observer
    private let ready: EventLoopPromise<Connection>
    private var channel: (any Channel)?
    private var isEncrypting = false
    private var isOver = false
    private var timer: Scheduled<Void>?
    private var grant = ServerAuthenticator.Grant(generation: 0)

    init(connector: Connector, eventLoop: any EventLoop, isConfirming: Bool, observer: Connection.Observer) {
        self.connector = connector
        self.eventLoop = eventLoop
        self.isConfirming = isConfirming
        self.observer = observer
        self.ready = eventLoop.makePromise()
    }

    /// Credentials come first: servers close sockets on which nobody authenticates.
    func run(_ completion: @escaping @Sendable (Result<Connection, MemcachedError>) -> Void) {
        let label = connector.server.label
        ready.futureResult.assumeIsolated()
            .whenComplete { result in
                self.timer?.cancel()
                self.isOver = true
                switch result {
                case .success(let connection):
                    completion(.success(connection))
                case .failure(let error):
                    self.channel?.close(promise: nil)
                    completion(.failure(self.connectError(error).with(server: label, outcome: .notSent)))
                }
            }
        connector.authenticator.credentials(on: eventLoop).assumeIsolated()
            .whenComplete { result in
                do {
                    self.grant = try result.get()
                    self.connect()
                } catch {
                    self.ready.fail(error)
                }
            }
    }

    private func connect() {
        let timeout = TimeAmount(clamping: connector.timeout)
        timer = eventLoop.assumeIsolated().scheduleTask(in: timeout) { self.timedOut() }
        socket().assumeIsolated()
            .whenComplete { result in
                do {
                    try self.connected(try result.get())
                } catch {
                    self.ready.fail(self.connectError(error))
                }
            }
    }

    private func socket() -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(clamping: connector.timeout))
            // Options that are given to the bootstrap take a future each.
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Nothing is read before the handler that parses it stands in the pipeline.
                    try channel.syncOptions?.setOption(.autoRead, value: false)
                    try channel.syncOptions?
                        .setOption(
                            .recvAllocator,
                            value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 16_384, maximum: 131_072)
                        )
                }
            }
        switch connector.server.address {
        case .tcp(_, let port):
            // With TCP_NODELAY, which is the bootstrap's default.
            return bootstrap.connect(host: connector.server.hostToResolve ?? "", port: Int(port))
        case .unix(let path):
            return bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private func connected(_ channel: any Channel) throws {
        // The timer may have been faster, by less than it takes to tell.
        guard !isOver else { return channel.close(promise: nil) }
        self.channel = channel
        let socket = try SocketSetup.prepare(
            channel,
            keepsAlive: connector.keepAlive && connector.server.hostToResolve != nil,
            isDirect: connector.tls == nil
        )
        if let tls = connector.tls {
            isEncrypting = true
            try tls.secure(channel, host: connector.server.hostToVerify ?? "") { result in
                self.isEncrypting = false
                do {
                    try result.get()
                    try self.open(channel, nil)
                } catch {
                    self.ready.fail(self.connectError(error))
                }
            }
        } else {
            try open(channel, socket)
        }
        try channel.syncOptions?.setOption(.autoRead, value: true)
    }

    /// Everything that is sent from here on is encrypted if it has to be.
    private func open(_ channel: any Channel, _ socket: DirectSocket?) throws {
        let connection = Connection(
            channel: channel,
            socket: socket,
            serverLabel: connector.server.label,
            isAuthenticated: grant.credentials != nil,
            isEncrypted: connector.tls != nil,
            credentialsGeneration: grant.generation,
            limits: connector.limits,
            usualTimeout: connector.operationTimeout,
            usualPatience: connector.patience,
            observer: observer
        )
        let handler = ConnectionHandler(
            connection: connection,
            authenticator: connector.authenticator,
            credentials: grant.credentials,
            isEncrypted: connector.tls != nil,
            maximumBodyBytes: connector.limits.responseBytes,
            isConfirmed: (connector.tls == nil && !isConfirming) || grant.credentials != nil,
            ready: ready
        )
        do {
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            // Nobody else tells it that the socket is gone.
            connection.letGo()
            throw error
        }
    }

    private func timedOut() {
        let detail =
            if channel == nil {
                "no connection within \(connector.timeout); check address, firewall and whether the server is up"
            } else if isEncrypting {
                "the server accepted the connection and did not finish the TLS handshake within \(connector.timeout); "
                    + "check that this is its TLS port (memcached -Z), and not one without TLS"
            } else if grant.credentials == nil {
                "the server accepted the connection and answered nothing within \(connector.timeout); check that a "
                    + "memcached listens there"
            } else {
                "the server accepted the connection and did not finish authentication within \(connector.timeout); "
                    + "check that a memcached with SASL listens there"
            }
        ready.fail(MemcachedError(.timeout, detail))
    }

    private func connectError(_ error: any Error) -> MemcachedError {
        if let error = error as? MemcachedError { return error }
        if case .connectTimeout = error as? ChannelError {
            return MemcachedError(
                .timeout,
                "no connection within \(connector.timeout); check address, firewall and whether the server is up",
                cause: error
            )
        }
        return MemcachedError(
            .connectionFailed,
            "no connection could be made (\(SocketFault.summary(error))); check address and port, and that memcached is up",
            cause: error
        )
    }
}
