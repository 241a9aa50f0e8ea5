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

    init(configuration: MemcachedConfiguration) throws(MemcachedError) {
        try configuration.validate()
        self.configuration = configuration
        let tls = try TLSContext.make(for: configuration)
        self.pools = configuration.servers.map { ServerPool(server: $0, configuration: configuration, tls: tls) }
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
