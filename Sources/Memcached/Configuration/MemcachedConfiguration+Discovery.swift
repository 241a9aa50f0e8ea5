extension MemcachedConfiguration {
    /// Has the servers follow the addresses of a DNS name, as those of a headless Kubernetes service.
    ///
    /// The configuration names one server. Its host is looked up when the client is made and again after each interval,
    /// and every address that it has is a server, on the same port. Operations wait for the first lookup.
    ///
    /// ```swift
    /// var configuration = try MemcachedConfiguration(servers: "memcached.cache.svc.cluster.local:11211")
    /// configuration.discovery = MemcachedConfiguration.Discovery()
    /// ```
    ///
    /// Addresses are sorted, those of IPv4 first, so that all processes see one list; the first 256 count. They name
    /// the points of the ring. A lookup that fails or finds nothing changes nothing. What changes is applied as by
    /// ``MemcachedClient/update(servers:)-([MemcachedServer])``. TLS demands the configured name, and credentials
    /// belong to it too, whatever it resolves to.
    public struct Discovery: Hashable, Sendable {
        /// Which addresses count.
        public enum Family: String, Hashable, Sendable, CaseIterable {
            /// All of them; a server with one of each kind is two servers then.
            case any
            /// Those of IPv4 (A records).
            case ipv4
            /// Those of IPv6 (AAAA records).
            case ipv6
        }

        /// The most servers that a name may stand for.
        public static let maximumServers = 256

        /// The time from the end of one lookup to the next.
        ///
        /// Default 30 s. Before the first one has succeeded it is at most ``MemcachedConfiguration/Backoff/maximum``.
        public var interval: Duration
        /// Which addresses count.
        public var family: Family

        /// Describes lookups.
        ///
        /// - Parameters:
        ///   - interval: The time from the end of one lookup to the next.
        ///   - family: Which addresses count.
        public init(interval: Duration = .seconds(30), family: Family = .any) {
            self.interval = interval
            self.family = family
        }
    }
}

extension MemcachedConfiguration {
    /// Checks what concerns many servers.
    func validateRouting() throws(MemcachedError) {
        func require(_ condition: Bool, _ advice: String) throws(MemcachedError) {
            guard condition else { throw MemcachedError(.invalidConfiguration, advice) }
        }
        if let limit = failures.flushesReturningServersAfter {
            try require(limit >= .zero, "failures.flushesReturningServersAfter cannot be negative")
        }
        guard let discovery else { return }
        try require(discovery.interval > .zero, "discovery.interval has to be more than zero")
        try require(
            servers.count == 1 && servers.allSatisfy { $0.hostToResolve != nil },
            "discovery needs exactly one server, a host name and a port"
        )
    }
}
