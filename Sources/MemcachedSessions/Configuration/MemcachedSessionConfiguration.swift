public import Memcached
import MemcachedHashing

/// How sessions are kept.
///
/// Every default works as it is, and with PHP's defaults on the other side.
///
/// ```swift
/// var sessions = try MemcachedSessionConfiguration(savePath: "PERSISTENT=myapp_session 10.0.0.1:11211,10.0.0.2:11211")
/// sessions.lifetime = .after(.seconds(86_400))
/// let handler = try MemcachedSessionHandler(sessions)
/// ```
public struct MemcachedSessionConfiguration: Sendable {
    /// How long a session lives after its last use.
    public enum Lifetime: Hashable, Sendable {
        /// So long, in whole seconds, rounded up.
        case after(Duration)
        /// Until it is destroyed, or evicted for want of memory. Has to be spelled out.
        case never
    }

    /// What requests get while the cache is down.
    public enum Availability: Hashable, Sendable {
        /// An error. No request is served without its session.
        case failClosed
        /// An empty session, marked with ``MemcachedSession/isUnsaved``, of which nothing is stored. Cookies stay as
        /// they are, and destroying a session or renaming its id still throws.
        case failOpen
    }

    /// How ids are made.
    ///
    /// Ids that come in are accepted in all of PHP's alphabets and lengths from 22.
    public struct IDs: Hashable, Sendable {
        /// Characters of an id (`session.sid_length`).
        ///
        /// Default 32.
        public var length = 32
        /// Bits in each character (`session.sid_bits_per_character`): 4 for `0-9a-f`, 5 for `0-9a-v`, 6 for
        /// `0-9a-zA-Z,-`.
        ///
        /// Default 5, which makes 160 random bits; PHP's own default of 4 makes 128.
        public var bitsPerCharacter = 5

        /// The defaults.
        public init() {}
    }

    /// PHP's prefix, `memc.sess.key.`.
    public static let defaultPrefix = "memc.sess.key."

    /// Servers, credentials, timeouts and logger of the client.
    ///
    /// Its namespace is the prefix of the keys and its selection decides which server holds a session; both are PHP's
    /// unless changed after the configuration was made.
    public var client: MemcachedConfiguration
    /// The name of the pool, from `PERSISTENT=` in the save path.
    ///
    /// Handlers with the same name and the same ``client`` share their connections, which stay when the handlers have
    /// gone; see `MemcachedClient.named(_:_:)`. Nil: connections of its own.
    public var poolName: String?
    /// How long a session lives after its last use (`session.gc_maxlifetime`).
    ///
    /// Default 1,440 s, as in PHP.
    public var lifetime: Lifetime = .after(.seconds(1_440))
    /// How ids are made.
    public var ids = IDs()
    /// How requests of one session wait for one another.
    public var locking = Locking()
    /// Whether ids that the cache does not know are refused (`session.use_strict_mode`).
    ///
    /// Default true, unlike PHP.
    public var isStrict = true
    /// Whether an unchanged session is touched instead of written (`session.lazy_write`).
    ///
    /// Default true.
    public var writesLazily = true
    /// What requests get while the cache is down.
    ///
    /// Default ``Availability/failClosed``.
    public var availability: Availability = .failClosed
    /// The most bytes of key and session together; more is refused before anything is sent.
    ///
    /// Default 1,000,000.
    public var maximumBytes = 1_000_000
    /// How variables become bytes (`session.serialize_handler`).
    ///
    /// Default ``MemcachedPHPSessionFormat``'s `php`, as in PHP: a PHP process beside this one deletes what it cannot
    /// read, so both sides have to say the same.
    public var format: any MemcachedSessionFormat = .php
    /// How long Swift processes remember that a session was destroyed although another request held its lock.
    ///
    /// Default 60 s. Zero: not at all, and reads ask one key less. It should be longer than the slowest PHP request that
    /// shares these sessions (`max_execution_time`), because PHP writes a session back blindly.
    public var revocation: Duration = .seconds(60)
    /// How many servers besides its own keep a copy of each session (`memcached.sess_number_of_replicas`).
    ///
    /// Default 0. The copies are on the servers that follow in the list, where PHP looks for them. They help when a server
    /// comes back empty; while one is away, its sessions are unavailable. With copies, a write takes one round trip more,
    /// and a logout needs all of the session's servers.
    public var replicas = 0
    /// Whether sessions may be lost or split when a server goes or comes back.
    ///
    /// Default false: a session stays on its own server, and is unavailable while that is away. Has to be true for a client
    /// whose `failures.policy` moves keys or that empties servers (`memcached.sess_remove_failed_servers`), and for
    /// `placement` ``Memcached/MemcachedConfiguration/Placement/equivalent``: then two requests may lock one session on two
    /// servers, an older state may come back, and a miss does not mean that there is no session.
    public var sessionsMayBeLost = false
    /// Whether servers are put up with that do not look at conditions (`memcached -C`).
    ///
    /// Default false: ``MemcachedSessionError/Code/unsafeServer``. On such a server locks and writes are as unsafe as
    /// PHP's: a request that outlives its lock can overwrite another's change and delete another's lock.
    public var allowsUnfencedServers = false
    /// Hears of what happens to sessions, to count it.
    ///
    /// Called on any thread, and has to return at once. Default nil.
    public var onEvent: (@Sendable (MemcachedSessionEvent) -> Void)?
    /// Encrypts and authenticates what is stored; nil to store it as it is.
    ///
    /// Default nil.
    public var sealing: Sealing?
    /// Whether the prefix was said to PHP as well.
    var hasPrefixOfPHP = false
    /// The session cookie, for whoever answers the request.
    public var cookie = Cookie()
    /// Names among PHP's settings that mean nothing here; the handler logs them once.
    public internal(set) var ignoredSettings: [String] = []

    /// Configures sessions on the servers of a client's configuration.
    ///
    /// - Parameter client: Servers, credentials, timeouts. Its selection becomes PHP's, and so does its namespace.
    public init(client: MemcachedConfiguration) {
        self.client = client
        self.client.selection = .phpSession
        self.client.namespace = Self.defaultPrefix
    }

    /// Configures sessions on these servers.
    ///
    /// - Parameter servers: In the order in which PHP's save path names them.
    public init(servers: [MemcachedServer]) {
        self.init(client: MemcachedConfiguration(servers: servers))
    }

    /// What stands before every key (`memcached.sess_prefix`): the client's namespace.
    public var prefix: String {
        get { client.namespace }
        set { client.namespace = newValue }
    }
}
