/// A list of servers, made ready to tell in well under a microsecond which of them keeps a key.
///
/// A value: it never changes, and any number of tasks may ask it at once. When a server is added, removed, ejected or
/// comes back, build another. Servers are told by their index in the list they were given in.
///
/// ```swift
/// let ring = try ServerRing(servers: [RingServer(host: "10.0.0.1"), RingServer(host: "10.0.0.2")], selection: .default)
/// let index = ring.index(forKey: "greeting")
/// ```
public struct ServerRing: Sendable {
    /// The servers as given.
    public let servers: [RingServer]
    /// How keys are placed on them.
    public let selection: ServerSelection
    /// What is put before every key on the wire; hashed only when the selection says so.
    public let namespace: [UInt8]
    /// The indices of the servers that are left out of the continuum.
    public let ejected: Set<Int>

    /// The indices of the servers in the order of the list that counts: as given, or sorted.
    let order: [Int]
    /// The place of each server in ``order``.
    let places: [Int]
    let rule: Rule

    /// How a hash becomes an index.
    enum Rule: Sendable {
        case onlyServer
        case modula
        /// The server of each bucket; the count less one is the mask.
        case buckets([UInt16])
        case continuum(Continuum)
    }

    /// Prepares a list of servers.
    ///
    /// Ejection is libmemcached's: the continuum is built again from the others, with the weights of the others, and
    /// placement by modula or virtual buckets stays as it is.
    ///
    /// - Parameters:
    ///   - servers: 1 to 65,536 servers. Their order matters unless the selection sorts them.
    ///   - selection: how keys are placed.
    ///   - namespace: what is put before every key on the wire.
    ///   - ejected: the indices of servers that get no points for now.
    /// - Throws: ``ServerSelectionError`` when there is no server (left), or a host, port, weight, bucket or ejected index
    ///   cannot be.
    public init(
        servers: [RingServer],
        selection: ServerSelection = .default,
        namespace: [UInt8] = [],
        ejected: Set<Int> = []
    ) throws(ServerSelectionError) {
        try Self.validate(servers, ejected)
        let order = selection.sortsHosts ? Self.sorted(servers) : Array(servers.indices)
        var places = order
        for (place, index) in order.enumerated() { places[index] = place }

        self.servers = servers
        self.selection = selection
        self.namespace = namespace
        self.ejected = ejected
        self.order = order
        self.places = places

        let buckets: [UInt16] = try Self.buckets(selection.distribution, order)
        if servers.count == 1 {
            rule = .onlyServer
        } else if let plan = ContinuumPlan(selection, servers: servers) {
            rule = .continuum(plan.continuum(of: servers, order: order, ejected: ejected))
        } else if !buckets.isEmpty {
            rule = .buckets(buckets)
        } else {
            rule = .modula
        }
    }

    /// The points, when the distribution has them and there is more than one server.
    package var continuum: Continuum? {
        guard case .continuum(let continuum) = rule else { return nil }
        return continuum
    }

    private static func validate(_ servers: [RingServer], _ ejected: Set<Int>) throws(ServerSelectionError) {
        guard !servers.isEmpty else { throw .noServers }
        // Points keep their owner in sixteen bits.
        guard servers.count <= Int(UInt16.max) + 1 else { throw .tooManyServers(servers.count) }
        for (index, server) in servers.enumerated() { try server.validate(at: index) }
        if let index = ejected.sorted().first(where: { !servers.indices.contains($0) }) {
            throw .ejectedServerOutOfRange(index, count: servers.count)
        }
        guard ejected.count < servers.count else { throw .everyServerEjected }
    }

    /// The indices of the servers sorted by the bytes of the host, then by port; equal ones keep their order.
    private static func sorted(_ servers: [RingServer]) -> [Int] {
        servers.indices.sorted { left, right in
            let (first, second) = (servers[left], servers[right])
            if first.host.utf8.elementsEqual(second.host.utf8) {
                return (first.port, left) < (second.port, right)
            }
            return first.host.utf8.lexicographicallyPrecedes(second.host.utf8)
        }
    }

    /// The server of each bucket, or nothing when the distribution has no buckets.
    private static func buckets(
        _ distribution: ServerSelection.Distribution,
        _ order: [Int]
    ) throws(ServerSelectionError) -> [UInt16] {
        guard case .virtualBuckets(let map) = distribution else { return [] }
        if map.isEmpty { return order.map { UInt16(truncatingIfNeeded: $0) } }
        if let bucket = map.firstIndex(where: { !order.indices.contains($0) }) {
            throw .bucketOutOfRange(bucket, count: order.count)
        }
        return map.map { UInt16(truncatingIfNeeded: order[$0]) }
    }
}
