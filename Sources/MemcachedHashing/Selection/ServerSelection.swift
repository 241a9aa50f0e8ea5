/// How a client decides which of its servers keeps a key.
///
/// Two clients find each other's items exactly when they agree on this and on the list of servers. So take the preset
/// named after the client to match (``phpSession``, ``phpMemcached(_:hash:serversAddedFirst:)``,
/// ``libmemcached(_:hash:)``, ``pylibmc``, ``spymemcached``), or leave ``default`` when all of them use this package.
///
/// ```swift
/// var selection = ServerSelection.libmemcached(.ketama(weights: .ignored))
/// selection.sortsHosts = true
/// ```
public struct ServerSelection: Sendable, Hashable {
    /// The hash of keys.
    public var keyHash: KeyHash
    /// How a hash becomes a server.
    public var distribution: Distribution
    /// The hash of the points of an unweighted continuum, when it is not ``keyHash``.
    ///
    /// A libmemcached handle comes to this state when its hash is changed after the servers were added. Weighted
    /// continuums always hash their points with MD5, and distributions without a continuum have no points.
    public var pointHash: KeyHash?
    /// Whether the namespace that is put before keys on the wire takes part in the hash of a key.
    ///
    /// Off in every preset, as in the other clients. On, it follows libmemcached's `HASH_WITH_PREFIX_KEY` to the letter:
    /// when namespace and key together exceed 250 bytes the hash is 0, and the bytes of a key after its first NUL are
    /// hashed as NULs.
    public var hashesNamespace: Bool
    /// Whether the servers are sorted by host (byte by byte) and then by port before anything else.
    ///
    /// It makes the order in which they are listed irrelevant. Indices keep meaning the list as given.
    public var sortsHosts: Bool
    /// How key bytes above 127 enter the arithmetic of the hash functions; `.signed` is what x86-64 does.
    public var byteSign: ByteSign

    /// Creates a selection from its parts.
    ///
    /// - Parameters:
    ///   - keyHash: the hash of keys.
    ///   - distribution: how a hash becomes a server.
    ///   - pointHash: the hash of the points of an unweighted continuum; `nil` is `keyHash`.
    ///   - hashesNamespace: whether the namespace takes part in the hash.
    ///   - sortsHosts: whether the servers are sorted first.
    ///   - byteSign: how bytes above 127 are read.
    public init(
        keyHash: KeyHash,
        distribution: Distribution,
        pointHash: KeyHash? = nil,
        hashesNamespace: Bool = false,
        sortsHosts: Bool = false,
        byteSign: ByteSign = .signed
    ) {
        self.keyHash = keyHash
        self.distribution = distribution
        self.pointHash = pointHash
        self.hashesNamespace = hashesNamespace
        self.sortsHosts = sortsHosts
        self.byteSign = byteSign
    }
}
