import Memcached

/// What sessions need of a client; tests put memory in its place.
protocol CommandSender: Sendable {
    /// Carries out one command.
    func perform(
        _ command: MemcachedCommand,
        timeout: Duration?,
        late: MemcachedClient.LateReply?
    ) async throws(MemcachedError) -> MemcachedReply

    /// Carries out several commands in one flight; nil, with nothing sent, when one server does not hold all keys.
    func flight(
        _ commands: [MemcachedCommand],
        timeout: Duration?,
        late: MemcachedClient.LateReply?
    ) async throws(MemcachedError) -> [Result<MemcachedReply, MemcachedError>]?

    /// How many servers there are.
    var serverCount: Int { get }

    /// The index of the server that holds a key.
    func serverIndex(of key: MemcachedKey) -> Int

    /// How errors name a server.
    func serverLabel(_ index: Int) -> String
}

extension MemcachedClient: CommandSender {}

extension MemcachedClient {
    var serverCount: Int { servers.count }

    func serverLabel(_ index: Int) -> String { servers.indices.contains(index) ? servers[index].label : "a server" }
}
