import MemcachedWire
import NIOCore

/// What stands behind a client: servers, their pools, and what turns an operation into requests.
///
/// Channels and timers know only this, so that dropping the client itself ends them.
final class ClientCore: Sendable {
    let configuration: MemcachedConfiguration
    let keeper: TopologyKeeper
    /// Where the servers come from; nil when they are those of the configuration.
    let discovery: ServerDiscovery?
    /// Where code runs that wants to be near the connections.
    let loops: LoopChoice

    init(configuration: MemcachedConfiguration) throws(MemcachedError) {
        try configuration.validate()
        self.configuration = configuration
        self.loops = LoopChoice(configuration)
        let keeper = try TopologyKeeper(configuration: configuration, servers: configuration.servers)
        self.keeper = keeper
        self.discovery = ServerDiscovery(configuration: configuration) { [weak keeper] servers in
            // What fails here is a change after the end: the addresses of one name always make a ring.
            _ = try? keeper?.replace(servers: servers)
        }
        discovery?.lookUp()
    }

    /// The servers of the moment; an operation or a batch takes one look.
    var topology: Topology { keeper.topology }

    /// The servers of the moment; waits for the first lookup if they come from one.
    func topology(by deadline: NIODeadline) async throws(MemcachedError) -> Topology {
        if let discovery, !discovery.isResolved { try await discovery.wait(until: deadline) }
        return keeper.topology
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

    /// The key that decides about the server: that of the group, or the key as it is stored.
    func placed(_ key: MemcachedKey, routedBy group: MemcachedKey?) -> MemcachedKey {
        group ?? stored(key)
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
        discovery?.stop()
        await keeper.shutDown(within: patience)
    }

    /// Closes everything at once.
    func close() {
        discovery?.stop()
        keeper.close()
    }

    var counters: ConnectionCounters { keeper.counters }
}
