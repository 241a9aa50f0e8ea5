extension ServerSelection {
    /// spymemcached's `KetamaConnectionFactory` as it comes.
    ///
    /// The servers must be listed as Java prints them: an IP address as such, a resolved name through
    /// ``RingServer/pointName``. spymemcached's *default* factory hashes Java strings and has no counterpart here.
    public static let spymemcached = spymemcached(names: .hostAndPort)

    /// spymemcached's `KetamaConnectionFactory`.
    ///
    /// - Parameters:
    ///   - names: the format of its point names.
    ///   - weighted: whether it was given weights.
    /// - Returns: the selection that finds what such a client stored.
    public static func spymemcached(names: SpymemcachedNames, weighted: Bool = false) -> ServerSelection {
        ServerSelection(keyHash: .md5, distribution: .spymemcached(names, weighted: weighted))
    }
}
