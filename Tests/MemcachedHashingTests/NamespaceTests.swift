import MemcachedHashing
import Testing

@Suite struct NamespaceTests {
    private static let servers = (1...7).map { RingServer(host: "cache0\($0).example.com") }

    private func ring(
        _ namespace: String,
        hashed: Bool,
        hash: ServerSelection.KeyHash = .oneAtATime
    ) throws -> ServerRing {
        var selection = ServerSelection.libmemcached(.modula, hash: hash)
        selection.hashesNamespace = hashed
        return try ServerRing(servers: Self.servers, selection: selection, namespace: Array(namespace.utf8))
    }

    @Test func `the namespace is left out of the hash by default`() throws {
        #expect(!ServerSelection.default.hashesNamespace)
        let placement = try ring("app:", hashed: false).placement(of: "key")
        #expect(try placement == ring("", hashed: false).placement(of: "key"))
        #expect(try placement.hash != ring("app:", hashed: true).placement(of: "key").hash)
    }

    @Test(arguments: ServerSelection.KeyHash.allCases)
    func `a hashed namespace is hashed with the key as one text`(hash: ServerSelection.KeyHash) throws {
        let ring = try ring("app:", hashed: true, hash: hash)
        for key in ["k", "é", String(repeating: "x", count: 246)] {
            #expect(ring.placement(of: key).hash == hash.hash(of: "app:\(key)".utf8))
        }
    }

    @Test func `beyond 250 bytes together the hash is 0`() throws {
        let ring = try ring("app:", hashed: true)
        let longest = String(repeating: "x", count: 246)
        #expect(ring.placement(of: longest).hash != 0)
        #expect(ring.placement(of: longest + "x").hash == 0)
        #expect(try self.ring(String(repeating: "n", count: 251), hashed: true).placement(of: "").hash == 0)
        #expect(try self.ring(String(repeating: "n", count: 1_000), hashed: true).placement(of: "key").hash == 0)
    }

    @Test func `after a NUL in the key only NULs are hashed`() throws {
        let ring = try ring("app:", hashed: true)
        let hashed = ServerSelection.KeyHash.oneAtATime.hash(of: Array("app:ab".utf8) + [0, 0, 0])
        #expect(ring.placement(of: Array("ab".utf8) + [0, 1, 2]).hash == hashed)
        #expect(ring.placement(of: Array("ab".utf8) + [0, 7, 8]).hash == hashed)
    }

    @Test func `a group key alone decides`() throws {
        let ring = try ServerRing(servers: Self.servers)
        let group = Array("user:42".utf8)
        let home = ring.index(forKey: group)
        for key in randomKeys(50, seed: 16) { #expect(ring.index(forKey: key, inGroup: group) == home) }
        for key in randomKeys(50, seed: 17) { #expect(ring.index(forKey: key, inGroup: []) == ring.index(forKey: key)) }
    }

    @Test func `a hashed namespace is put before a group key too`() throws {
        let ring = try ring("app:", hashed: true)
        let expected = Int(ServerSelection.KeyHash.oneAtATime.hash(of: "app:user:42".utf8) % 7)
        #expect(ring.index(forKey: Array("cart".utf8), inGroup: Array("user:42".utf8)) == expected)
    }
}
