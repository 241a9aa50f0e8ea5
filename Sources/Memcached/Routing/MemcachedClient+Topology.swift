extension MemcachedClient {
    /// Replaces the servers while the client is in use.
    ///
    /// Servers that stay, by address, keep their connections; one may get another weight. Those that go finish what
    /// has been sent their way and are left alone. Keys move as the ring says: with the default selection only those
    /// of servers that go, and those that servers which come take over. Nothing fails because of the change, and
    /// nothing is copied: a key that moves is a miss at its new server.
    ///
    /// Every process that shares the servers has to have the same list, so change them at about the same time. To have
    /// the servers follow a DNS name, see ``MemcachedConfiguration/discovery-swift.property``.
    ///
    /// - Parameter servers: The new list, at least one.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` when the list makes no sense
    ///   or comes from discovery, or ``MemcachedError/Code/clientShutDown``. Nothing has changed then.
    public func update(servers: [MemcachedServer]) throws(MemcachedError) {
        try core.update(servers: servers)
    }

    /// Replaces the servers while the client is in use.
    ///
    /// - Parameter servers: A list such as `"10.0.0.1:11211,10.0.0.2:11211"`; see ``MemcachedServer/init(parsing:)``.
    /// - Throws: ``MemcachedError``, as ``update(servers:)-([MemcachedServer])`` does.
    public func update(servers: String) throws(MemcachedError) {
        try update(servers: MemcachedServer.list(parsing: servers))
    }
}

extension ClientCore {
    /// Replaces the servers by a list that somebody has typed.
    func update(servers: [MemcachedServer]) throws(MemcachedError) {
        guard configuration.discovery == nil else {
            throw MemcachedError(
                .invalidConfiguration,
                "the servers come from discovery; set discovery to nil to give a list of your own"
            )
        }
        var changed = configuration
        changed.servers = servers
        try changed.validate()
        try keeper.replace(servers: servers)
    }
}
