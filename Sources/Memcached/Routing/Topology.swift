import MemcachedHashing
import NIOCore

/// The servers of a client at one moment, and which of them keeps which key.
///
/// It never changes: another one takes its place. An operation, or a batch, looks at one of them from its beginning to
/// its end, so that its keys are placed by one ring.
final class Topology: Sendable {
    /// A server of the list.
    struct Member: Sendable {
        /// The server, with the weight that it has in this topology.
        let server: MemcachedServer
        let endpoint: Endpoint

        var pool: ServerPool { endpoint.pool }
    }

    /// The servers in the order of the list.
    let members: [Member]
    /// Counts the lists of servers: another number after each change of the list.
    let generation: Int
    let router: Router
    /// How often an operation is tried; nil for once at each server that may take it.
    let tries: Int?
    /// The servers that were down when this was made.
    private let down: Set<Int>

    /// Places keys on servers.
    ///
    /// - Parameters:
    ///   - members: The servers, at least one.
    ///   - generation: The number of the list of servers.
    ///   - configuration: How they are chosen.
    /// - Throws: ``MemcachedError/Code/invalidConfiguration`` when the servers cannot be placed.
    init(members: [Member], generation: Int = 0, configuration: MemcachedConfiguration) throws(MemcachedError) {
        self.members = members
        self.generation = generation
        self.tries = configuration.tries
        self.down = Self.down(members)
        do throws(ServerSelectionError) {
            let ring = try ServerRing(
                servers: members.map { RingServer($0.server) },
                selection: configuration.selection,
                namespace: Array(configuration.namespace.utf8)
            )
            self.router = try Router(Router.Rule(configuration), ring: ring, down: down)
        } catch {
            throw MemcachedError(.invalidConfiguration, "the servers cannot be placed: \(error)", cause: error)
        }
    }

    /// The same servers with those ejected that are down now; nil when these are ejected already.
    init?(ejectingFrom old: Topology) throws(ServerSelectionError) {
        let down = Self.down(old.members)
        guard old.router.rule == .eject, down != old.down else { return nil }
        self.members = old.members
        self.generation = old.generation
        self.tries = old.tries
        self.down = down
        self.router = try Router(.eject, ring: old.router.ring, down: down)
    }

    private static func down(_ members: [Member]) -> Set<Int> {
        Set(members.indices.filter { members[$0].pool.isDown })
    }

    /// The index of the server that holds a key, whether it can be reached or not.
    func index(of key: MemcachedKey) -> Int {
        key.withUnsafeBytes { router.ring.index(forKey: $0) }
    }

    /// The server that holds a key, whether it can be reached or not.
    func member(of key: MemcachedKey) -> Member {
        // The ring was built of as many servers as there are members.
        members[index(of: key)]
    }
}
