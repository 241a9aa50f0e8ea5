extension ServerRing {
    /// The servers that keep the copies of a server's items, as libmemcached places them: those that follow in the list.
    ///
    /// Not those that follow on the continuum. libmemcached comes back to the first server when more replicas are asked
    /// for than there are other servers, which stores nothing new; those repetitions are left out here.
    ///
    /// - Parameters:
    ///   - index: the server that keeps the item itself.
    ///   - count: how many copies there are beside it.
    /// - Returns: indices into ``servers``, in the order in which they are written and read; empty when `index` is none.
    public func replicas(of index: Int, count: Int) -> [Int] {
        let others = max(0, min(count, servers.count - 1))
        return (0..<others).compactMap { replica($0 + 1, of: index) }
    }

    /// One of the servers that keep the copies of a server's items.
    ///
    /// Allocates nothing.
    ///
    /// - Parameters:
    ///   - number: which copy, from 1 to one less than the number of servers.
    ///   - index: the server that keeps the item itself.
    /// - Returns: an index into ``servers``; `nil` when there is no such copy or no such server.
    public func replica(_ number: Int, of index: Int) -> Int? {
        guard number >= 1, number < order.count, places.indices.contains(index) else { return nil }
        return order[(places[index] + number) % order.count]
    }
}
