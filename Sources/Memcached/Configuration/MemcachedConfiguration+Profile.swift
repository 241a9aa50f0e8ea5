extension MemcachedConfiguration {
    /// Settings that belong together, for one kind of cache.
    public enum Profile: String, Hashable, Sendable, CaseIterable {
        /// What a configuration has by itself.
        case standard
        /// A hosted cache, with what MemCachier publishes for its clients.
        ///
        /// Connecting takes at most 2 s, an operation at most 750 ms and two tries (``MemcachedConfiguration/tries``), and
        /// the operating system probes idle connections. The servers are doors to the same data
        /// (``MemcachedConfiguration/Placement/equivalent``): what one of them could not take, and a read that it did not
        /// answer in half of that time, is tried once more, at another one if there is one.
        case hosted
    }

    /// Takes the settings of a profile; those that it says nothing of stay as they are.
    ///
    /// - Parameter profile: The profile; ``Profile/standard`` changes nothing.
    public mutating func apply(_ profile: Profile) {
        switch profile {
        case .standard:
            break
        case .hosted:
            timeouts.connect = .seconds(2)
            timeouts.operation = .milliseconds(750)
            tries = 2
            keepAlive = true
            placement = .equivalent
        }
    }
}
