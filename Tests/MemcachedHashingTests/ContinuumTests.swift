import MemcachedHashing
import Testing

@Suite struct ContinuumTests {
    /// Where the product rounded to Float32 falls just short of 40 names.
    private static let short: Set<Int> = [25, 47, 50, 55, 61, 71, 94, 100]

    @Test(arguments: 2...100)
    func `equal weights give 160 points, or 156 where Float falls short`(count: Int) throws {
        let expected = Self.short.contains(count) ? 156 : 160
        for weight in Self.short.contains(count) ? [1, 7, 1_000] : [1] {
            let servers = (0..<count).map { RingServer(host: "10.0.0.\($0)", weight: weight) }
            let points = try #require(try ServerRing(servers: servers).pointCounts)
            // Two servers may hash to one point; then one of them has a point less.
            #expect(points.allSatisfy { (expected - 2)...expected ~= $0 })
            #expect(points.contains(expected))
        }
    }

    @Test func `a server of very small weight has no points and keeps no key`() throws {
        let ring = try ServerRing(servers: [RingServer(host: "a", weight: 1), RingServer(host: "b", weight: 1_000)])
        #expect(ring.pointCounts?.first == 0)
        #expect(randomKeys(500, seed: 6).allSatisfy { ring.index(forKey: $0) == 1 })
    }

    @Test func `the largest weights there are do not overflow`() throws {
        let servers = (0..<200).map { RingServer(host: "10.0.0.\($0)", weight: Int(UInt32.max)) }
        let ring = try ServerRing(servers: servers)
        #expect(ring.pointCounts?.allSatisfy { $0 >= 150 } == true)
    }

    @Test(arguments: [
        (ServerSelection.phpSession, 100), (.libmemcached(.spy(weights: .ignored)), 100), (.spymemcached, 160),
    ])
    func `weights do not count where the other client ignores them`(selection: ServerSelection, points: Int) throws {
        let servers = [RingServer(host: "a", weight: 9), RingServer(host: "b"), RingServer(host: "c", weight: 2)]
        #expect(try ServerRing(servers: servers, selection: selection).pointCounts == [points, points, points])
    }

    @Test(arguments: [ServerSelection.KeyHash.oneAtATime, .md5, .crc])
    func `a look-up agrees with a search through all points`(keyHash: ServerSelection.KeyHash) throws {
        let hosts = (0..<40).map { "cache\($0).example.com" }
        let ring = try ServerRing(
            servers: hosts.map { RingServer(host: $0) },
            selection: .libmemcached(.ketama(weights: .ignored), hash: keyHash)
        )
        // Point by point as the definition has it: the lowest value not below the hash, ties to the lowest index.
        let points = hosts.enumerated()
            .flatMap { index, host in
                (0..<100).map { (value: keyHash.hash(of: "\(host)-\($0)".utf8), index: index) }
            }
        for key in randomKeys(150, seed: 7) {
            let hash = keyHash.hash(of: key)
            let after = points.filter { $0.value >= hash }
            let point = (after.isEmpty ? points : after).min { ($0.value, $0.index) < ($1.value, $1.index) }
            #expect(ring.index(forKey: key) == point?.index)
        }
    }

    @Test func `a hash on a point belongs to it and a hash above all points to the first`() throws {
        let servers = [RingServer(host: "a"), RingServer(host: "b"), RingServer(host: "c")]
        let continuum = try #require(try ServerRing(servers: servers).continuum)
        #expect(continuum.values == continuum.values.sorted() && Set(continuum.values).count == continuum.values.count)
        for (position, value) in continuum.values.enumerated() {
            #expect(continuum.position(of: value) == position)
            let next = position + 1 == continuum.values.count ? 0 : position + 1
            #expect(continuum.position(of: value &+ 1) == next)
        }
        #expect(continuum.position(of: 0) == 0)
        #expect(continuum.position(of: .max) == 0)
    }

    @Test func `the same server listed twice is one server, the first`() throws {
        let servers = [RingServer(host: "a"), RingServer(host: "b"), RingServer(host: "a")]
        for selection in [ServerSelection.default, .phpSession] {
            let ring = try ServerRing(servers: servers, selection: selection)
            #expect(ring.pointCounts?.last == 0)
            #expect(randomKeys(300, seed: 8).allSatisfy { ring.index(forKey: $0) != 2 })
        }
    }
}
