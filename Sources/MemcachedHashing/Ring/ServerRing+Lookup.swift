extension ServerRing {
    /// The server that keeps a key.
    ///
    /// Allocates nothing. A single server is told without hashing.
    ///
    /// - Parameter key: the key as the application knows it, without the namespace; or, when a group of keys is to stay
    ///   together, the group key.
    /// - Returns: an index into ``servers``.
    public func index(forKey key: UnsafeRawBufferPointer) -> Int {
        if case .onlyServer = rule { return 0 }
        return index(forHash: hash(of: key))
    }

    /// The server that keeps a key.
    ///
    /// - Parameter key: the bytes of the key, without the namespace.
    /// - Returns: an index into ``servers``.
    @inlinable
    public func index(forKey key: some Collection<UInt8>) -> Int {
        withContiguousBytes(of: key) { index(forKey: $0) }
    }

    /// The server that keeps a key.
    ///
    /// - Parameter key: the key, without the namespace.
    /// - Returns: an index into ``servers``.
    @inlinable
    public func index(forKey key: String) -> Int {
        withContiguousBytes(of: key) { index(forKey: $0) }
    }

    /// The server that keeps a key which is placed by its group, as libmemcached's functions `…_by_key` do.
    ///
    /// - Parameters:
    ///   - key: the bytes of the key, without the namespace.
    ///   - group: the bytes of the group key; they alone decide, unless there are none.
    /// - Returns: an index into ``servers``.
    @inlinable
    public func index(forKey key: some Collection<UInt8>, inGroup group: some Collection<UInt8>) -> Int {
        group.isEmpty ? index(forKey: key) : index(forKey: group)
    }

    /// The first server that may be used for a key: the one that keeps it, or else the next.
    ///
    /// Next is the next along the continuum; without one, or when every server on it is skipped, the next in the list.
    /// On an unweighted continuum this places every key as ejecting the skipped servers would, without building anything.
    ///
    /// - Parameters:
    ///   - key: the key, without the namespace.
    ///   - isSkipped: whether the server with this index is passed over.
    /// - Returns: an index into ``servers``, or `nil` when all are skipped.
    public func index(forKey key: UnsafeRawBufferPointer, skipping isSkipped: (Int) -> Bool) -> Int? {
        let hash = hash(of: key)
        if case .continuum(let continuum) = rule, let owner = continuum.owner(of: hash, skipping: isSkipped) {
            return owner
        }
        let place = places[index(forHash: hash)]
        var step = 0
        while step < order.count {
            let candidate = order[(place + step) % order.count]
            if !isSkipped(candidate) { return candidate }
            step += 1
        }
        return nil
    }

    /// The first server that may be used for a key: the one that keeps it, or else the next.
    ///
    /// - Parameters:
    ///   - key: the bytes of the key, without the namespace.
    ///   - isSkipped: whether the server with this index is passed over.
    /// - Returns: an index into ``servers``, or `nil` when all are skipped.
    @inlinable
    public func index(forKey key: some Collection<UInt8>, skipping isSkipped: (Int) -> Bool) -> Int? {
        withContiguousBytes(of: key) { index(forKey: $0, skipping: isSkipped) }
    }

    /// The number that decides about a key: 0 with a single server, as libmemcached does not hash then.
    func hash(of key: UnsafeRawBufferPointer) -> UInt32 {
        if case .onlyServer = rule { return 0 }
        guard selection.hashesNamespace else { return selection.keyHash.hash(of: key, byteSign: selection.byteSign) }
        return hashWithNamespace(of: key)
    }

    /// The longest namespace and key that libmemcached hashes together.
    private static let longestHashedKey = 250

    /// The hash of namespace and key in one piece, with the two peculiarities of libmemcached's buffer.
    private func hashWithNamespace(of key: UnsafeRawBufferPointer) -> UInt32 {
        guard namespace.count <= Self.longestHashedKey, key.count <= Self.longestHashedKey - namespace.count else {
            return 0
        }
        // On the stack, being small and of a constant size.
        return withUnsafeTemporaryAllocation(byteCount: Self.longestHashedKey, alignment: 1) { buffer in
            // The guard above keeps every write within the buffer. An iterator would allocate where nothing is optimised.
            buffer.copyBytes(from: namespace)
            var ended = false
            var offset = 0
            while offset < key.count {
                ended = ended || key[offset] == 0
                buffer[namespace.count + offset] = ended ? 0 : key[offset]
                offset += 1
            }
            let whole = UnsafeRawBufferPointer(rebasing: buffer[..<(namespace.count + key.count)])
            return selection.keyHash.hash(of: whole, byteSign: selection.byteSign)
        }
    }

    /// The server that a hash leads to.
    func index(forHash hash: UInt32) -> Int {
        switch rule {
        case .onlyServer: 0
        case .modula: order[Int(hash % UInt32(order.count))]
        case .buckets(let servers): Int(servers[Self.bucket(of: hash, among: servers.count)])
        case .continuum(let continuum): continuum.owner(of: hash)
        }
    }

    /// The bucket of a hash: the bits that the count less one has.
    static func bucket(of hash: UInt32, among count: Int) -> Int {
        Int(hash & UInt32(truncatingIfNeeded: count - 1))
    }
}
