extension MemcachedClient {
    /// Asks the ``MemcachedCredentialsProvider`` for each server at once instead of with the next connection.
    ///
    /// Connections that were made with other credentials are replaced one after the other: what is in flight on them is
    /// answered, no operation fails, and until a server accepts its new credentials the old connections go on. Servers
    /// that had refused the old credentials are tried again without waiting. Without a provider nothing happens.
    ///
    /// - Returns: The servers for which the provider failed, and why; empty when it answered for all.
    @discardableResult
    public func rotateCredentials() async -> [MemcachedServer: MemcachedError] {
        guard configuration.credentialsProvider != nil else { return [:] }
        return await withTaskGroup(of: (MemcachedServer, MemcachedError?).self) { [core] tasks in
            for member in core.topology.members {
                tasks.addTask {
                    do throws(MemcachedError) {
                        try await member.pool.rotateCredentials()
                        return (member.server, nil)
                    } catch {
                        return (member.server, error.with(server: member.pool.server.label))
                    }
                }
            }
            return await tasks.reduce(into: [:]) { errors, result in errors[result.0] = result.1 }
        }
    }
}
