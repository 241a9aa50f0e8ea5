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

    /// Counts the lists of servers: another number after each change of the list.
    var serversGeneration: Int { get }

    /// The servers, and the number of their list.
    var numberedServers: (generation: Int, servers: [MemcachedServer]) { get }

    /// The server with an index; nil when there are not so many. The list may change at any time.
    func server(at index: Int) -> MemcachedServer?
}

extension CommandSender {
    /// How errors name a server.
    func serverLabel(_ index: Int) -> String { server(at: index)?.label ?? "a server" }
}

extension MemcachedClient: CommandSender {}

extension MemcachedClient {
    var serverCount: Int { servers.count }
}
