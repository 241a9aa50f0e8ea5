extension MemcachedConfiguration {
    /// The connections to each server.
    ///
    /// Any number of tasks share a connection, so few are enough. Besides those allowed here, one that does not answer
    /// is replaced while it still has the time to.
    public struct Pool: Hashable, Sendable {
        /// The most connections to one server.
        ///
        /// One is made on first use, and another one when those that there are have more than 64 requests in flight
        /// each. Default 1: on one connection requests of many tasks go out in one write, and the fewer connections the
        /// more of them: with 64 tasks, two connections carry two thirds of what one does. See <doc:Speed>.
        public var connections = 1
        /// The most connections to one server on each event loop, besides ``connections``, for callers that run on that
        /// loop.
        ///
        /// They are made only when somebody calls from there: inside ``MemcachedClient/withLocalExecutor(_:)``, or
        /// from code that runs on the loops of ``MemcachedConfiguration/eventLoopGroup``. Such a caller changes no
        /// threads. Altogether a server sees at most ``connections`` and so many for each loop. Default 1; 0 has these
        /// callers share the connections of all others.
        public var connectionsPerLoop = 1
        /// A connection that nobody has used for so long is closed, and the next operation makes one.
        ///
        /// Firewalls forget idle connections without telling either side. Default 5 min; nil keeps them.
        public var idleTime: Duration? = .seconds(300)
        /// A connection that is so old is replaced, and closed when what is in flight on it has been answered.
        ///
        /// Each one is shortened by up to a quarter at random. Nothing fails because of it. Default nil: they may grow
        /// as old as they like.
        public var maximumAge: Duration?
        /// A connection on which nothing has been sent for so long is sent a NOOP, which keeps what stands between it
        /// and the server from forgetting it, and finds out when that has happened.
        ///
        /// Default nil: none is sent. See ``MemcachedConfiguration/keepAlive`` for what the operating system does.
        public var keepAliveInterval: Duration?

        /// The defaults.
        public init() {}

        /// Checks that the settings make sense.
        ///
        /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names the setting.
        func validate() throws(MemcachedError) {
            func require(_ condition: Bool, _ advice: String) throws(MemcachedError) {
                guard condition else { throw MemcachedError(.invalidConfiguration, advice) }
            }
            try require((1...256).contains(connections), "pool.connections has to be from 1 to 256")
            try require((0...256).contains(connectionsPerLoop), "pool.connectionsPerLoop has to be from 0 to 256")
            try require(idleTime.map { $0 > .zero } ?? true, "pool.idleTime has to be more than zero, or nil")
            try require(maximumAge.map { $0 > .zero } ?? true, "pool.maximumAge has to be more than zero, or nil")
            try require(
                keepAliveInterval.map { $0 > .zero } ?? true,
                "pool.keepAliveInterval has to be more than zero, or nil"
            )
        }
    }
}
