extension MemcachedSessionConfiguration {
    /// How requests of one session wait for one another.
    ///
    /// Requests of one handler queue up in the order in which they came, and only the first of them asks the server.
    /// That one waits as PHP does: ``minimumWait`` after the first refusal, then each time twice as long as before but
    /// not longer than ``maximumWait``, ``retries`` times, each wait lengthened or shortened at random by a quarter.
    ///
    /// Unlike PHP, it counts retries against one holder only: while the lock goes from one request to another, nobody
    /// gives up before ``timeout``.
    public struct Locking: Hashable, Sendable {
        /// Whether sessions are locked at all (`memcached.sess_locking`).
        ///
        /// Default true.
        ///
        /// Without locks, of two requests that change one session at a time the slower one fails with
        /// ``MemcachedSessionError/Code/conflict``.
        public var isEnabled = true
        /// The wait after the first refusal (`memcached.sess_lock_wait_min`).
        ///
        /// Default 150 ms.
        public var minimumWait: Duration = .milliseconds(150)
        /// The longest of the further waits (`memcached.sess_lock_wait_max`).
        ///
        /// Default 150 ms.
        public var maximumWait: Duration = .milliseconds(150)
        /// How often the server is asked again while one request holds the lock (`memcached.sess_lock_retries`).
        ///
        /// Default 5.
        public var retries = 5
        /// How long all of it may take: the queue in this process and the server.
        ///
        /// Default 10 s.
        public var timeout: Duration = .seconds(10)
        /// How long a lock outlives a process that died (`memcached.sess_lock_expire`).
        ///
        /// Default 10 s, at least 3 s.
        ///
        /// While the session is in use the lock is renewed whenever a third of this has passed.
        public var lease: Duration = .seconds(10)
        /// Requests of one session that may wait in this process.
        ///
        /// Default 32.
        public var maximumWaiters = 32
        /// How long giving a lock back may take; beyond, it is left to run out.
        ///
        /// Default 1 s.
        public var releaseTimeout: Duration = .seconds(1)

        /// The defaults.
        public init() {}
    }
}
