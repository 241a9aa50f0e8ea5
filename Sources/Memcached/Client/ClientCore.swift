import MemcachedHashing
import MemcachedWire
import NIOCore

/// What stands behind a client: pools, ring and the loop that finds a connection for a request.
///
/// Channels and timers know only this, so that dropping the client itself ends them.
final class ClientCore: Sendable {
    let configuration: MemcachedConfiguration
    let pools: [ServerPool]
    private let ring: ServerRing

    /// How often a request that never left is tried again on another connection.
    private static let attempts = 4

    init(configuration: MemcachedConfiguration) throws(MemcachedError) {
        try configuration.validate()
        self.configuration = configuration
        self.pools = configuration.servers.map { ServerPool(server: $0, configuration: configuration) }
        do throws(ServerSelectionError) {
            self.ring = try ServerRing(
                servers: configuration.servers.map(RingServer.init),
                selection: configuration.selection,
                namespace: Array(configuration.namespace.utf8)
            )
        } catch {
            throw MemcachedError(.invalidConfiguration, "the servers cannot be placed: \(error)", cause: error)
        }
    }

    // MARK: Placement

    /// The key as it is stored and placed.
    func stored(_ key: MemcachedKey) -> MemcachedKey {
        configuration.keys.stored(
            key,
            namespaceLength: configuration.namespace.utf8.count,
            longest: RequestHead.maximumKeyLength
        )
    }

    /// The index of the server that holds a key.
    func poolIndex(of key: MemcachedKey, routedBy group: MemcachedKey?) -> Int {
        guard pools.count > 1 else { return 0 }
        return (group ?? stored(key)).withUnsafeBytes { ring.index(forKey: $0) }
    }

    func pool(of key: MemcachedKey, routedBy group: MemcachedKey? = nil) -> ServerPool {
        // The ring was built of as many servers as there are pools.
        pools[poolIndex(of: key, routedBy: group)]
    }

    // MARK: Requests

    /// A request for a key in this client's namespace.
    ///
    /// - Throws: ``MemcachedError/Code/invalidKey`` before anything is sent.
    func request(
        _ opcode: Opcode,
        _ key: MemcachedKey,
        extras: RequestExtras = .none,
        cas: MemcachedCAS? = nil,
        value: ByteBuffer? = nil
    ) throws(MemcachedError) -> Request {
        let request = Request(
            opcode: opcode,
            extras: extras,
            cas: cas?.rawValue ?? 0,
            namespace: configuration.namespace,
            key: stored(key),
            value: value
        )
        guard key.byteCount > 0, request.keyLength <= RequestHead.maximumKeyLength else {
            throw MemcachedError(
                .invalidKey,
                "a key has 1 to 250 bytes, its namespace included; this one has \(key.byteCount)"
                    + (configuration.namespace.isEmpty
                        ? "" : " and a namespace of \(configuration.namespace.utf8.count)")
                    + ". Shorten it, or let keys.longKeys hash it",
                operation: opcode.description
            )
        }
        guard !configuration.keys.requiresTextSafe || MemcachedKeyPolicy.isTextSafe(key) else {
            throw MemcachedError(
                .invalidKey,
                "keys.requiresTextSafe refuses a key with blanks or control characters",
                operation: opcode.description
            )
        }
        if case .bytes(let limit) = configuration.limits.item { try check(request, against: limit) }
        return request
    }

    /// Refuses an item that is larger than its server takes.
    ///
    /// The limit is for the whole item. memcached 1.6 adds 51 bytes, 8 more for the CAS, 4 more for flags; only what
    /// no server could take is refused here.
    func check(_ request: Request, against limit: Int) throws(MemcachedError) {
        guard let value = request.value else { return }
        let itemByteCount = value.readableBytes + request.keyLength + 51
        guard itemByteCount > limit else { return }
        throw MemcachedError(
            .valueTooLarge,
            "the item would have \(itemByteCount) bytes and the limit is \(limit); nothing was sent. Store less, or "
                + "compress",
            operation: request.opcode.description
        )
    }

    /// The instant at which an operation ends: after its timeout, or at the deadline around it if that is nearer.
    func deadline(_ timeout: Duration?) -> NIODeadline {
        let own = Self.instant(after: timeout ?? configuration.timeouts.operation)
        guard let around = MemcachedDeadline.current else { return own }
        return min(own, around)
    }

    /// An instant from now; a time beyond a year counts as one, a negative one as none.
    static func instant(after duration: Duration) -> NIODeadline {
        .now() + TimeAmount(min(max(duration, .zero), .seconds(86_400 * 365)))
    }

    /// Sends a request to a server and returns its response, whatever its status.
    ///
    /// What never left is tried again on another connection; what left only if it is a read.
    func response(
        to request: Request,
        from pool: ServerPool,
        deadline: NIODeadline,
        late: (@Sendable (Int, Response) -> Void)? = nil,
        pauses: Int = ClientCore.pauses
    ) async throws(MemcachedError) -> Response {
        if configuration.limits.item == .asServerSays, request.value != nil {
            if let limit = await itemLimit(of: pool, deadline: deadline) {
                try check(request, against: limit)
            }
        }
        let result = await run(on: pool, deadline: deadline, isRepeatable: request.isRead) { connection in
            await connection.send(request, deadline: deadline, late: late)
        } failure: { result in
            if case .failure(let error) = result { error } else { nil }
        }
        let response: Response
        do throws(MemcachedError) {
            response = try result.get().get()
        } catch {
            throw error.with(operation: request.opcode.description, server: pool.server.label)
        }
        guard response.status == .busy || response.status == .temporaryFailure, request.isRead, pauses > 0 else {
            return response
        }
        // The server asks to be left alone for a moment. A cancelled sleep goes on to tell of the cancellation.
        try? await Task.sleep(for: Self.pause(before: pauses))
        return try await self.response(to: request, from: pool, deadline: deadline, late: late, pauses: pauses - 1)
    }

    /// How often a read is tried again that the server was too busy for.
    static let pauses = 3

    private static func pause(before remaining: Int) -> Duration {
        .milliseconds(.random(in: 5...20)) * (Self.pauses - remaining + 1)
    }

    /// Sends several requests in one flight on one connection.
    ///
    /// - Returns: What came back, with the error that cut it short, if one did.
    func responses(
        to requests: [Request],
        expecting expectation: Expectation,
        from pool: ServerPool,
        deadline: NIODeadline,
        late: (@Sendable (Int, Response) -> Void)? = nil
    ) async -> GroupResponses {
        let isRepeatable = requests.allSatisfy(\.isRead)
        let result = await run(on: pool, deadline: deadline, isRepeatable: isRepeatable) { connection in
            await connection.send(requests, expecting: expectation, deadline: deadline, late: late)
        } failure: {
            $0.error
        }
        let operation = requests.first?.opcode.description
        switch result {
        case .success(var group):
            group.error = group.error?.with(operation: operation, server: pool.server.label)
            return group
        case .failure(let error):
            return GroupResponses(
                responses: Array(repeating: nil, count: requests.count),
                error: error.with(operation: operation, server: pool.server.label)
            )
        }
    }

    /// Finds a connection and lets `send` use it; again with another one where that is safe.
    private func run<Value: Sendable>(
        on pool: ServerPool,
        deadline: NIODeadline,
        isRepeatable: Bool,
        send: (Connection) async -> Connection.Outcome<Value>,
        failure: (Value) -> MemcachedError?
    ) async -> Result<Value, MemcachedError> {
        var full: Connection?
        var attempt = 1
        while true {
            let connection: Connection
            do throws(MemcachedError) {
                if Task.isCancelled {
                    throw MemcachedError(.cancelled, "the task was cancelled before its request was sent")
                }
                guard NIODeadline.now() < deadline else {
                    throw MemcachedError(
                        .timeout,
                        full == nil
                            ? "the deadline had passed before the request was sent; nothing was sent"
                            : "the connection had no room in time; nothing was sent. Slow down"
                    )
                }
                if full == nil, let ready = pool.readyConnection {
                    connection = ready
                } else {
                    connection = try await pool.connection(insteadOf: full, deadline: deadline)
                }
            } catch {
                return .failure(error)
            }
            switch await send(connection) {
            case .full:
                full = connection
            case .finished(let value):
                guard
                    attempt < Self.attempts, NIODeadline.now() < deadline,
                    let error = failure(value), Self.isWorthAnotherConnection(error, isRepeatable && attempt == 1)
                else { return .success(value) }
                attempt += 1
                full = nil
                pool.forget(connection)
            }
        }
    }

    /// The size of a server's largest item, asked for once.
    func itemLimit(of pool: ServerPool, deadline: NIODeadline) async -> Int? {
        await pool.itemLimit(deadline: deadline, ask: settings)
    }

    /// Whether an operation may and should be tried on another connection.
    private static func isWorthAnotherConnection(_ error: MemcachedError, _ isRepeatable: Bool) -> Bool {
        switch error.code {
        case .connectionLost: error.outcome == .notSent || isRepeatable
        // The connection went because of somebody else's response.
        case .protocolViolation, .responseTooLarge: error.outcome == .notSent
        default: false
        }
    }

    /// Asks a server for the size of its largest item.
    ///
    /// - Returns: The size in bytes; nil when the server does not tell.
    private func settings(of pool: ServerPool, deadline: NIODeadline) async -> Int? {
        let group = await responses(
            to: [Request(opcode: .stat, key: "settings")],
            expecting: .statistics,
            from: pool,
            deadline: deadline
        )
        let setting = group.responses.first { $0.map { String(buffer: $0.key) == "item_size_max" } ?? false }
        return setting.flatMap(\.self).flatMap { Int(String(buffer: $0.value)) }
    }

    // MARK: The end

    /// Lets nothing in any more, and waits until what is in flight has been answered.
    func shutDown(within patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for connection in pools.compactMap({ $0.shutDown() }) {
                group.addTask { await connection.drain(within: patience) }
            }
        }
    }

    /// Closes everything at once.
    func close() {
        for connection in pools.compactMap({ $0.shutDown() }) {
            connection.end(PoolStateMachine<Connection, Never>.shutDownError)
        }
    }

    var counters: ConnectionCounters {
        pools.reduce(into: ConnectionCounters()) { $0 += $1.currentCounters }
    }
}

extension RingServer {
    /// A configured server as the ring knows it: brackets of an IPv6 address and a socket's port 0 included.
    fileprivate init(_ server: MemcachedServer) {
        switch server.address {
        case .tcp(let host, let port): self.init(host: host, port: Int(port), weight: Int(server.weight))
        case .unix(let path): self.init(host: path, port: 0, weight: Int(server.weight))
        }
    }
}
