import MemcachedHashing
import Testing

@Suite struct EjectionTests {
    private static let servers = (1...10).map { RingServer(host: "10.0.1.\($0)") }

    @Test(
        arguments: [ServerSelection.default, .phpSession, .libmemcached(.ketama(weights: .ignored), hash: .crc)],
        0..<10
    )
    func `only the keys of an ejected server move`(selection: ServerSelection, ejected: Int) throws {
        let before = try ServerRing(servers: Self.servers, selection: selection)
        let after = try ServerRing(servers: Self.servers, selection: selection, ejected: [ejected])
        var moved = 0
        for key in randomKeys(400, seed: UInt64(ejected)) {
            let home = before.index(forKey: key)
            let index = after.index(forKey: key)
            #expect(index != ejected)
            if home == ejected { moved += 1 } else { #expect(index == home) }
        }
        #expect(moved > 0)
    }

    @Test(arguments: [ServerSelection.default, .phpSession])
    func `a server that is added takes keys and moves none between the others`(selection: ServerSelection) throws {
        let before = try ServerRing(servers: Self.servers, selection: selection)
        let after = try ServerRing(servers: Self.servers + [RingServer(host: "10.0.1.11")], selection: selection)
        let moved = randomKeys(1_000, seed: 11).filter { before.index(forKey: $0) != after.index(forKey: $0) }
        #expect(!moved.isEmpty && moved.count < 200)
        #expect(moved.allSatisfy { after.index(forKey: $0) == 10 })
    }

    @Test func `an ejected server that returns has its keys back`() throws {
        let keys = randomKeys(300, seed: 12)
        let before = try ServerRing(servers: Self.servers)
        let after = try ServerRing(servers: Self.servers, ejected: [])
        #expect(keys.map { before.index(forKey: $0) } == keys.map { after.index(forKey: $0) })
    }

    @Test(arguments: [ServerSelection.phpMemcached(), .libmemcached(.virtualBuckets([3, 1, 0, 2]))])
    func `modula and virtual buckets stay as they are`(selection: ServerSelection) throws {
        let before = try ServerRing(servers: Self.servers, selection: selection)
        let after = try ServerRing(servers: Self.servers, selection: selection, ejected: [1, 2])
        for key in randomKeys(200, seed: 13) { #expect(before.index(forKey: key) == after.index(forKey: key)) }
    }

    @Test func `the weights of the others alone share the points`() throws {
        let servers = zip(["a", "b", "c"], [1, 3, 96]).map { RingServer(host: $0, weight: $1) }
        let ring = try ServerRing(servers: servers, ejected: [2])
        #expect(ring.pointCounts == [80, 240, 0])
    }

    @Test func `skipping on an unweighted continuum places keys as ejecting does`() throws {
        for ejected in [[0], [3, 4, 5], Set(0..<9)] as [Set<Int>] {
            let whole = try ServerRing(servers: Self.servers, selection: .phpSession)
            let rebuilt = try ServerRing(servers: Self.servers, selection: .phpSession, ejected: ejected)
            for key in randomKeys(300, seed: 14) {
                #expect(whole.index(forKey: key, skipping: ejected.contains) == rebuilt.index(forKey: key))
            }
        }
    }

    @Test func `skipping goes on along the list where there is no continuum`() throws {
        let ring = try ServerRing(servers: Self.servers, selection: .phpMemcached())
        for key in randomKeys(100, seed: 15) {
            let home = ring.index(forKey: key)
            #expect(ring.index(forKey: key, skipping: { _ in false }) == home)
            #expect(ring.index(forKey: key, skipping: { $0 == home }) == (home + 1) % 10)
            #expect(ring.index(forKey: key, skipping: { $0 != (home + 9) % 10 }) == (home + 9) % 10)
        }
    }

    @Test(arguments: [ServerSelection.default, .phpSession, .phpMemcached(), .libmemcached(.virtualBuckets([]))])
    func `skipping every server gives none`(selection: ServerSelection) throws {
        let ring = try ServerRing(servers: Self.servers, selection: selection)
        #expect(ring.index(forKey: Array("key".utf8), skipping: { _ in true }) == nil)
        let single = try ServerRing(servers: [RingServer(host: "a")], selection: selection)
        #expect(single.index(forKey: Array("key".utf8), skipping: { _ in true }) == nil)
        #expect(single.index(forKey: Array("key".utf8), skipping: { _ in false }) == 0)
    }

    @Test func `a server without points is still used when all others are skipped`() throws {
        let ring = try ServerRing(servers: [RingServer(host: "a", weight: 1), RingServer(host: "b", weight: 1_000)])
        #expect(ring.index(forKey: Array("key".utf8), skipping: { $0 == 1 }) == 0)
    }
}
