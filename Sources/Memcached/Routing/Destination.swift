/// What decides about the server of an operation.
enum Destination: Sendable {
    /// The key that is placed, as it is stored.
    case key(MemcachedKey)
    /// The server with this index, and no other; the one of the key when there are not so many.
    case server(Int, otherwise: MemcachedKey)
}

extension Topology {
    /// Chooses the server of an operation; see ``Router/choose(for:passing:_:)``.
    func choose(
        for destination: Destination,
        passing passed: Set<Int>,
        _ servers: some ServerConditions
    ) -> Router.Choice {
        switch destination {
        case .server(let index, _) where members.indices.contains(index) && router.rule != .equivalent:
            router.choose(server: index, passing: passed, servers)
        case .key(let key), .server(_, otherwise: let key):
            router.choose(for: key, passing: passed, servers)
        }
    }
}
