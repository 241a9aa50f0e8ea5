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
    /// The configured time of an operation.
    private let usualTimeout: TimeAmount
    /// Whether a text is read as it is where the flags are 0.
    let readsPlainText: Bool
    /// Whether a text is stored as it is, with flags 0.
    let storesPlainText: Bool

    init(configuration: MemcachedConfiguration) throws(MemcachedError) {
        try configuration.validate()
        self.configuration = configuration
        self.loops = LoopChoice(configuration)
        self.usualTimeout = Self.timeAmount(configuration.timeouts.operation)
        let standard = configuration.transcoder as? MemcachedStandardTranscoder
        self.readsPlainText = standard != nil
        self.storesPlainText = standard.map { $0.compression == nil } ?? false
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
        guard configuration.keys.longKeys == .hash else { return key }
        return configuration.keys.stored(
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
        try check(key, stored: request.key ?? key, for: opcode)
        if case .bytes(let limit) = configuration.limits.item { try check(request, against: limit) }
        return request
    }

    /// Whether nothing has to be known of a key but its length.
    var takesKeysAsTheyAre: Bool { configuration.keys.longKeys != .hash && !configuration.keys.requiresTextSafe }

    /// Refuses a key that cannot be sent, or is not to be.
    ///
    /// - Parameters:
    ///   - key: The key as it was given.
    ///   - stored: The key as it would be stored, without the namespace.
    ///   - opcode: For what, for the error.
    /// - Throws: ``MemcachedError/Code/invalidKey``.
    func check(_ key: MemcachedKey, stored: MemcachedKey, for opcode: Opcode) throws(MemcachedError) {
        let namespaceLength = configuration.namespace.utf8.count
        guard key.byteCount > 0, namespaceLength + stored.byteCount <= RequestHead.maximumKeyLength else {
            throw MemcachedError(
                .invalidKey,
                "a key has 1 to 250 bytes, its namespace included; this one has \(key.byteCount)"
                    + (namespaceLength == 0 ? "" : " and a namespace of \(namespaceLength)")
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
    func deadline(_ timeout: Duration?, now: NIODeadline = .now()) -> NIODeadline {
        let own =
            if let timeout, timeout != configuration.timeouts.operation {
                Self.instant(after: timeout, now: now)
            } else {
                now + usualTimeout
            }
        guard let around = MemcachedDeadline.current else { return own }
        return min(own, around)
    }

    /// An instant from now; a time beyond a year counts as one, a negative one as none.
    static func instant(after duration: Duration, now: NIODeadline = .now()) -> NIODeadline {
        now + timeAmount(duration)
    }

    private static func timeAmount(_ duration: Duration) -> TimeAmount {
        TimeAmount(min(max(duration, .zero), .seconds(86_400 * 365)))
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
