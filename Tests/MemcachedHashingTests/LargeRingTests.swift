import MemcachedHashing
import Testing

@Suite struct LargeRingTests {
    private static let thousand = (0..<1_000)
        .map {
            RingServer(host: "10.\($0 / 250).\($0 % 250).1", port: 11_211 + $0 % 3)
        }

    @Test(arguments: [
        ServerSelection.default, .phpSession, .phpMemcached(), .spymemcached,
        .libmemcached(.spy(weights: .shareOutPoints)),
    ])
    func `a thousand servers share the keys`(selection: ServerSelection) throws {
        let ring = try ServerRing(servers: Self.thousand, selection: selection)
        var counts = Array(repeating: 0, count: 1_000)
        for number in 0..<20_000 { counts[ring.index(forKey: "key:\(number)")] += 1 }
        #expect(counts.reduce(0, +) == 20_000)
        // Twenty keys a server on average.
        #expect(counts.count { $0 > 0 } > 990)
        #expect(counts.allSatisfy { $0 < 100 })
    }

    @Test func `without a map only the servers whose index is a part of the mask are used`() throws {
        let ring = try ServerRing(servers: Self.thousand, selection: .libmemcached(.virtualBuckets([])))
        let used = Set((0..<20_000).map { ring.index(forKey: "key:\($0)") })
        #expect(used == Set((0..<1_000).filter { $0 & 999 == $0 }))
        #expect(used.count == 256)
    }

    @Test func `a hundred and one servers are no more than a hundred`() throws {
        let servers = Array(Self.thousand.prefix(101))
        let ring = try ServerRing(servers: servers, selection: .phpSession)
        #expect(ring.pointCounts?.count == 101)
        #expect(ring.pointCounts?.allSatisfy { $0 > 90 } == true)
    }

    @Test func `the largest list there may be is served`() throws {
        let servers = (0..<65_536).map { RingServer(host: "cache\($0)") }
        let ring = try ServerRing(servers: servers, selection: .phpMemcached(hash: .md5))
        for key in randomKeys(50, seed: 9) {
            #expect(ring.index(forKey: key) == Int(ServerSelection.KeyHash.md5.hash(of: key) % 65_536))
        }
        // The last index still fits where points keep their owner.
        let buckets = try ServerRing(servers: servers, selection: .libmemcached(.virtualBuckets([65_535, 65_535])))
        #expect(buckets.index(forKey: "key") == 65_535)
    }
}
