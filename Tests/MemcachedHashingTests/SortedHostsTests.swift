import MemcachedHashing
import Testing

@Suite struct SortedHostsTests {
    private static let servers = [
        RingServer(host: "b"), RingServer(host: "B"), RingServer(host: "a", port: 11_211),
        RingServer(host: "a", port: 80), RingServer(host: "é"), RingServer(host: "10.0.0.10"),
        RingServer(host: "10.0.0.9"), RingServer(host: "/run/mc.sock", port: 0),
    ]
    /// Bytes in ascending order, ports as numbers.
    private static let sorted = [7, 5, 6, 1, 3, 2, 0, 4]

    private func sorting(_ selection: ServerSelection) -> ServerSelection {
        var selection = selection
        selection.sortsHosts = true
        return selection
    }

    @Test func `hosts are sorted by their bytes and ports by their number`() throws {
        let ring = try ServerRing(servers: Self.servers, selection: sorting(.phpMemcached(hash: .md5)))
        for key in randomKeys(200, seed: 18) {
            let place = Int(ServerSelection.KeyHash.md5.hash(of: key) % 8)
            #expect(ring.index(forKey: key) == Self.sorted[place])
        }
    }

    @Test(arguments: [
        ServerSelection.default, .phpSession, .phpMemcached(),
        .libmemcached(.virtualBuckets([0, 1, 2, 3, 4, 5, 6, 7])), .libmemcached(.ketama(weights: .ignored), hash: .crc),
    ])
    func `the order of the list does not matter then`(selection: ServerSelection) throws {
        var generator = SeededGenerator(seed: 19)
        let first = try ServerRing(servers: Self.servers, selection: sorting(selection))
        for _ in 0..<5 {
            let shuffled = Self.servers.shuffled(using: &generator)
            let second = try ServerRing(servers: shuffled, selection: sorting(selection))
            for key in randomKeys(100, seed: 20) {
                #expect(Self.servers[first.index(forKey: key)] == shuffled[second.index(forKey: key)])
            }
        }
    }

    @Test func `replicas follow in the sorted list`() throws {
        let ring = try ServerRing(servers: Self.servers, selection: sorting(.default))
        #expect(ring.replicas(of: 7, count: 2) == [5, 6])
        #expect(ring.replicas(of: 4, count: 2) == [7, 5])
    }

    @Test func `a sorted list may have servers ejected by their index as given`() throws {
        let ring = try ServerRing(servers: Self.servers, selection: sorting(.default), ejected: [0, 5])
        #expect(ring.pointCounts?.map { $0 == 0 } == [true, false, false, false, false, true, false, false])
    }
}
