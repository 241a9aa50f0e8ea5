import MemcachedHashing
import Testing

@Suite struct PlacementTests {
    private static let servers = (1...5).map { RingServer(host: "10.0.0.\($0)") }

    @Test(arguments: [
        ServerSelection.default, .phpSession, .phpMemcached(), .libmemcached(.virtualBuckets([4, 3, 2])), .spymemcached,
    ])
    func `a placement names the server that a look-up finds`(selection: ServerSelection) throws {
        let ring = try ServerRing(servers: Self.servers, selection: selection)
        for key in randomKeys(100, seed: 21) {
            let placement = ring.placement(of: key, replicas: 2)
            #expect(placement.index == ring.index(forKey: key))
            #expect(placement.server == Self.servers[placement.index])
            #expect(placement.hash == selection.keyHash.hash(of: key))
            #expect(placement.replicas == [(placement.index + 1) % 5, (placement.index + 2) % 5])
        }
    }

    @Test func `the reason is the point, the bucket, or that there is nothing to choose`() throws {
        let continuum = try #require(try ServerRing(servers: Self.servers).continuum)
        let hash = ServerSelection.KeyHash.md5.hash(of: Array("key".utf8))
        let position = continuum.position(of: hash)
        let value = continuum.values[position]
        let count = continuum.values.count

        func reason(_ servers: [RingServer], _ selection: ServerSelection) throws -> ServerRing.Placement.Reason {
            try ServerRing(servers: servers, selection: selection).placement(of: "key").reason
        }
        #expect(try reason(Self.servers, .default) == .point(value: value, position: position, of: count))
        #expect(try reason(Self.servers, .phpMemcached()) == .modula)
        #expect(try reason([RingServer(host: "a")], .default) == .onlyServer)
        let buckets = ServerSelection.libmemcached(.virtualBuckets([0, 1, 2, 3]), hash: .md5)
        #expect(try reason(Self.servers, buckets) == .bucket(Int(hash & 3), of: 4))
    }

    @Test func `a placement reads as one line without the key`() throws {
        let ring = try ServerRing(servers: Self.servers, selection: .phpMemcached(hash: .crc))
        let hash = ServerSelection.KeyHash.crc.hash(of: Array("secret-key".utf8))
        let index = Int(hash % 5)
        let line = "10.0.0.\(index + 1):11211 (server \(index)), hash \(hash), modula, replicas \((index + 1) % 5)"
        #expect("\(ring.placement(of: "secret-key", replicas: 1))" == line)
        let single = try ServerRing(servers: [RingServer(host: "/run/mc.sock", port: 0)])
        #expect("\(single.placement(of: "secret-key"))" == "/run/mc.sock (server 0), hash 0, the only server")
    }

    @Test func `a key is placed the same as text, as bytes and as a buffer`() throws {
        let ring = try ServerRing(servers: Self.servers)
        for text in ["", "k", "a key of more than fifteen bytes", "clé", String(repeating: "x", count: 2_000)] {
            let bytes = Array(text.utf8)
            let index = ring.index(forKey: bytes)
            #expect(ring.index(forKey: text) == index)
            #expect(bytes.withUnsafeBytes { ring.index(forKey: $0) } == index)
            #expect(ring.index(forKey: bytes.lazy.map { $0 }) == index)
            #expect(ring.placement(of: text) == ring.placement(of: bytes))
        }
    }

    @Test(arguments: [
        ServerSelection.default, .phpSession, .phpMemcached(), .libmemcached(.virtualBuckets([0, 0, 0])), .spymemcached,
    ])
    func `a single server keeps every key`(selection: ServerSelection) throws {
        let ring = try ServerRing(servers: [RingServer(host: "a")], selection: selection)
        #expect(randomKeys(50, seed: 22).allSatisfy { ring.index(forKey: $0) == 0 })
        #expect(ring.pointCounts == nil)
        #expect(ring.replicas(of: 0, count: 3).isEmpty)
    }

    @Test func `replicas are the servers that follow in the list, each once`() throws {
        let ring = try ServerRing(servers: Self.servers)
        #expect(ring.replicas(of: 3, count: 3) == [4, 0, 1])
        #expect(ring.replicas(of: 0, count: 99) == [1, 2, 3, 4])
        #expect(ring.replicas(of: 0, count: .max) == [1, 2, 3, 4])
        #expect(ring.replicas(of: 0, count: 0).isEmpty)
        #expect(ring.replicas(of: 0, count: -1).isEmpty)
        #expect(ring.replicas(of: 5, count: 2).isEmpty)
        #expect(ring.replica(1, of: 4) == 0)
        #expect(ring.replica(0, of: 4) == nil)
        #expect(ring.replica(5, of: 4) == nil)
        #expect(ring.replica(.max, of: 4) == nil)
        #expect(ring.replica(1, of: -1) == nil)
    }
}
