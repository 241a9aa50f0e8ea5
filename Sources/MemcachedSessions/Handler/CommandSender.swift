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
}

extension MemcachedClient: CommandSender {}
