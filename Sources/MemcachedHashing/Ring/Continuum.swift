/// The points of all servers in a circle, sorted, each owned by one server.
///
/// Two arrays side by side instead of one of pairs: the search reads values only, and a thousand servers' values are
/// 640 KiB. Building allocates, looking up does not.
package struct Continuum: Sendable {
    /// The values of the points, ascending, each once; never empty.
    package let values: [UInt32]
    /// The owner of the point at the same place, as an index into the servers as given.
    package let owners: [UInt16]

    /// Which server keeps a point that two of them hash to.
    enum Tie {
        /// The one that comes first in the list, as in libmemcached, whose search stops at the first of equal points.
        case first
        /// The one that comes last in the list, as in spymemcached, whose map keeps what was put last.
        case last
    }

    /// Sorts points into a continuum.
    ///
    /// - Parameters:
    ///   - points: a point each, its value in the high half and the place of its server in the low half; not empty.
    ///   - order: the servers' indices as given, by place.
    ///   - tie: who keeps a point that is there twice.
    init(points: [UInt64], order: [Int], tie: Tie) {
        var values: [UInt32] = []
        var owners: [UInt16] = []
        values.reserveCapacity(points.count)
        owners.reserveCapacity(points.count)
        for point in points.sorted() {
            let value = UInt32(truncatingIfNeeded: point &>> 32)
            let owner = UInt16(truncatingIfNeeded: order[Int(point & 0xffff_ffff)])
            if value == values.last {
                if tie == .last { owners[owners.count - 1] = owner }
                continue
            }
            values.append(value)
            owners.append(owner)
        }
        self.values = values
        self.owners = owners
    }

    /// The place of the first point whose value is not below a hash; the first of all when there is none.
    ///
    /// - Parameter hash: the hash of a key.
    /// - Returns: an index into ``values`` and ``owners``.
    package func position(of hash: UInt32) -> Int {
        var low = 0
        var high = values.count
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < hash {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low == values.count ? 0 : low
    }

    /// The server that keeps a hash.
    ///
    /// - Parameter hash: the hash of a key.
    /// - Returns: an index into the servers as given.
    func owner(of hash: UInt32) -> Int { Int(owners[position(of: hash)]) }

    /// The first server that is not skipped, from the point of a hash on and once around.
    ///
    /// - Parameters:
    ///   - hash: the hash of a key.
    ///   - isSkipped: whether a server, given by its index, is passed over.
    /// - Returns: an index into the servers as given, or `nil` when all that have a point are skipped.
    func owner(of hash: UInt32, skipping isSkipped: (Int) -> Bool) -> Int? {
        let start = position(of: hash)
        var refused = -1
        var step = 0
        // Counted by hand: an iterator would allocate where nothing is optimised.
        while step < owners.count {
            let place = start + step
            let owner = Int(owners[place < owners.count ? place : place - owners.count])
            if owner != refused, !isSkipped(owner) { return owner }
            refused = owner
            step += 1
        }
        return nil
    }
}
