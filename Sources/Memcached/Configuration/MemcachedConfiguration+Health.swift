extension MemcachedConfiguration {
    /// When a server counts as down.
    ///
    /// Operations on keys tell: a hosted proxy answers NOOP and VERSION while what is behind it is dead, so such an
    /// answer ends only an outage in which no connection could be made; when none comes, that counts as well. A server that is down is left alone for the pauses of ``MemcachedConfiguration/Backoff`` and then tried
    /// with one operation; there is no state in which it is never tried again.
    public struct Health: Hashable, Sendable {
        /// After how many failures behind one another, with no answer in between, a server is down.
        ///
        /// However many operations one event fails, it counts once: a failure counts only when its operation began
        /// after the failure that counted last. Credentials that are refused, and a server that is not a memcached, are
        /// enough by themselves. Default 3.
        public var failureThreshold = 3

        /// The defaults.
        public init() {}
    }
}
