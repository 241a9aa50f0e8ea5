extension MemcachedConfiguration {
    /// What a client's servers are to one another.
    public enum Placement: String, Hashable, Sendable, CaseIterable {
        /// Each key lives on one server, which ``MemcachedConfiguration/selection`` chooses.
        case byKey
        /// Every server is a door to the same data, as with the proxies of hosted caches.
        ///
        /// Each operation takes the one of two random servers that has less to do, and a batch goes to one server as
        /// a whole. An operation that one of them could not take, and a read whose answer was lost, go to another at
        /// once. Reads wait for half of their time at the first server.
        case equivalent
    }

    /// What becomes of the keys of a server that is down.
    ///
    /// Whether a server is down, the results of operations decide; see ``MemcachedConfiguration/health-swift.property``. It is tried
    /// again, however long it has been away, whenever its pause is over: by one operation on one of its keys, which
    /// gets half of its time there when it has another server to go to. An operation that is no read reads its key
    /// first, so that nothing is lost that way.
    ///
    /// With ``MemcachedConfiguration/Placement/equivalent`` servers no key has a server of its own, and none of this
    /// applies.
    public struct Failures: Hashable, Sendable {
        /// Where the operations on a down server's keys go.
        public enum Policy: String, Hashable, Sendable, CaseIterable {
            /// Nowhere: they fail at once with ``MemcachedError/Code/serverDown``, and no key ever moves.
            ///
            /// What is read was written by whoever wrote last. libmemcached without `AUTO_EJECT_HOSTS`.
            case keep
            /// To the servers of a ring that is made without those that are down.
            ///
            /// libmemcached's `AUTO_EJECT_HOSTS` (`REMOVE_FAILED_SERVERS`), without its trap: there a server stays
            /// ejected for ever unless `DEAD_TIMEOUT` is set. With weights that differ, keys of servers that are up
            /// move as well, because shares of points are worked out anew. Distributions without a ring (modula,
            /// virtual buckets) move no keys, here as there. When all servers are down none is ejected.
            case eject
            /// To the next server on the ring that is up; with distributions without a ring, to the next in the list.
            ///
            /// Only keys of the server that is down move, whatever the weights.
            case failover
        }

        /// Where the operations on a down server's keys go.
        ///
        /// Other policies than ``Policy/keep`` let keys move, and with them come values from before: clients that
        /// notice at different moments write to different servers, and a server that comes back has what it had when
        /// it went. Take them for data that may be old, or see ``flushesReturningServersAfter``.
        public var policy = Policy.keep
        /// How long a server has to have been down to be emptied before it is used again; nil never to empty one.
        ///
        /// The operation on a key that tries it again sends FLUSH first, and nothing else ends the outage. The server has
        /// to permit FLUSH, else it stays down; all that it holds is gone, for other clients too; each process that
        /// had found it down does so once. Meant for ``Policy/eject`` and ``Policy/failover``; equivalent servers are
        /// never emptied.
        public var flushesReturningServersAfter: Duration?

        /// The defaults.
        public init() {}
    }
}
