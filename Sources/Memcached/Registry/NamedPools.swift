import Logging
import Synchronization

/// The named pools of a process.
///
/// A name stands for one set of connections from the first opening until it is closed by name.
final class NamedPools: Sendable {
    /// Those that ``MemcachedClient/named(_:_:)`` opens.
    static let process = NamedPools()

    private struct Entry {
        let configuration: MemcachedConfiguration
        let core: ClientCore
        let loads: MemcachedClient.Loads
        let references: ReferenceCount
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// A client of the pool with a name, which is made when there is none.
    ///
    /// One lock over all of it, so that openings at the same time find one pool.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - configuration: Of the pool; the same at every opening.
    /// - Returns: A client of its own over the pool's connections.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration``: it does not make sense, or is another than the pool's.
    func open(_ name: String, _ configuration: MemcachedConfiguration) throws(MemcachedError) -> MemcachedClient {
        guard !name.isEmpty else { throw MemcachedError(.invalidConfiguration, "the name of a pool is empty") }
        let result = entries.withLock { entries in
            Result { () throws(MemcachedError) in
                if let entry = entries[name] {
                    try Self.requireSame(entry.configuration, configuration, name)
                    return MemcachedClient(
                        sharing: entry.core,
                        entry.configuration,
                        entry.loads,
                        PoolReference(entry.references)
                    )
                }
                var named = configuration
                named.poolName = name
                named.logger[metadataKey: "pool"] = "\(name)"
                let entry = Entry(
                    configuration: named,
                    core: try ClientCore(configuration: named),
                    loads: MemcachedClient.Loads(),
                    references: ReferenceCount()
                )
                entries[name] = entry
                return MemcachedClient(
                    sharing: entry.core,
                    named,
                    entry.loads,
                    PoolReference(entry.references)
                )
            }
        }
        return try result.get()
    }

    private static func requireSame(
        _ first: MemcachedConfiguration,
        _ second: MemcachedConfiguration,
        _ name: String
    ) throws(MemcachedError) {
        let fields = ConfigurationDifference.fields(of: first, and: second)
        guard fields.isEmpty else {
            throw MemcachedError(
                .invalidConfiguration,
                "the pool \"\(name)\" is open already with another \(fields.joined(separator: ", ")); open it with the "
                    + "same configuration everywhere, give this one another name, or close the pool first"
            )
        }
    }

    /// The pools that are open, by name.
    var list: [MemcachedNamedPool] {
        entries.withLock { $0 }
            .map { name, entry in
                MemcachedNamedPool(
                    name: name,
                    servers: entry.core.topology.members.map(\.server),
                    referenceCount: entry.references.count
                )
            }
            .sorted { $0.name < $1.name }
    }

    /// Forgets a name, and ends its pool.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - patience: How long to wait for what is in flight.
    /// - Returns: Whether there was such a pool.
    func close(_ name: String, within patience: Duration) async -> Bool {
        guard let entry = entries.withLock({ $0.removeValue(forKey: name) }) else { return false }
        await entry.core.shutDown(within: patience)
        return true
    }
}

/// How many clients of a named pool there are.
final class ReferenceCount: Sendable {
    private let number = Atomic<Int>(0)

    var count: Int { number.load(ordering: .relaxed) }

    fileprivate func add() { number.add(1, ordering: .relaxed) }
    fileprivate func remove() { number.subtract(1, ordering: .relaxed) }
}

/// One client's reference to a named pool.
final class PoolReference: Sendable {
    private let references: ReferenceCount

    init(_ references: ReferenceCount) {
        self.references = references
        references.add()
    }

    deinit { references.remove() }
}
