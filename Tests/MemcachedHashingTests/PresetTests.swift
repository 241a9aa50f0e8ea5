import MemcachedHashing
import Testing

@Suite struct PresetTests {
    @Test(arguments: try Fixture.rows("server_selection.jsonl", as: SelectionRow.self))
    func `a preset finds what the client it is named after stored`(row: SelectionRow) throws {
        for preset in try presets(for: row) {
            var selection = preset
            selection.sortsHosts = row.sortHosts ?? false
            let disagreements = row.disagreements(with: try row.ring(selection))
            #expect(disagreements.isEmpty, "\(preset)")
        }
    }

    /// The presets that describe the calls a row was captured after.
    private func presets(for row: SelectionRow) throws -> [ServerSelection] {
        let hash = try row.keyHash
        return switch row.kind {
        case "modula", "modula_weights_ignored":
            [.libmemcached(hash: hash), .phpMemcached(hash: hash), .pylibmc(.none, hash: hash)]
        case "consistent", "ketama":
            [.libmemcached(.ketama(weights: .ignored), hash: hash), .phpMemcached(.consistent, hash: hash)]
        case "weight_switches_to_weighted":
            [.phpMemcached(.consistent, hash: hash), .pylibmc(.ketama, hash: hash)]
        case "ketama_weighted_equal", "ketama_weighted_weights", "ipv6":
            [.default, .phpMemcached(.libketamaCompatible), .pylibmc(.ketamaWeighted)]
        case "ketama_weighted_other_key_hash":
            [.phpMemcached(.libketamaCompatible, hash: hash), .pylibmc(.ketamaWeighted, hash: hash)]
        case "libketama_then_consistent":
            [.phpMemcached(.consistent, hash: .md5)]
        case "spy_weighted":
            [.libmemcached(.spy(weights: .shareOutPoints))]
        case "spy_unweighted":
            [.libmemcached(.spy(weights: .ignored), hash: hash)]
        case "virtual_bucket_map":
            [.phpMemcached(.virtualBuckets(try #require(row.vbucketMap)), hash: hash)]
        case "virtual_bucket_no_map":
            [.libmemcached(.virtualBuckets([]), hash: hash)]
        case "php_session_default":
            [.phpSession, .phpMemcached(.consistent, serversAddedFirst: true)]
        case "php_session_ketama_weighted":
            [.phpSession(.ketamaWeighted)]
        case "php_session_hash_off":
            [.phpSession(.off), .phpMemcached()]
        default:
            []
        }
    }

    @Test func `pylibmc's usual ring and PHP's session ring are one as long as no weight is set`() throws {
        let plain = (1...5).map { RingServer(host: "10.0.0.\($0)") }
        let weighted = (1...5).map { RingServer(host: "10.0.0.\($0)", weight: $0) }
        let keys = randomKeys(300, seed: 3)
        func picks(_ servers: [RingServer], _ selection: ServerSelection) throws -> [Int] {
            let ring = try ServerRing(servers: servers, selection: selection)
            return keys.map { ring.index(forKey: $0) }
        }
        #expect(try picks(plain, .pylibmc) == picks(plain, .phpSession))
        #expect(try picks(weighted, .pylibmc) != picks(weighted, .phpSession))
        #expect(try picks(weighted, .phpSession) == picks(plain, .phpSession))
    }

    @Test func `spymemcached in libmemcached's format shares the default ring`() throws {
        let spymemcached = ServerSelection.spymemcached(names: .libmemcached)
        for count in [2, 10, 24] {
            let servers = (1...count).map { RingServer(host: "cache\($0).example.com", port: 11_211 + $0 % 2) }
            let ours = try ServerRing(servers: servers)
            let theirs = try ServerRing(servers: servers, selection: spymemcached)
            for key in randomKeys(300, seed: 4) { #expect(ours.index(forKey: key) == theirs.index(forKey: key)) }
        }
        let weighted = [RingServer(host: "a", weight: 3), RingServer(host: "b", weight: 5), RingServer(host: "c")]
        let ours = try ServerRing(servers: weighted)
        let theirs = try ServerRing(servers: weighted, selection: .spymemcached(names: .libmemcached, weighted: true))
        for key in randomKeys(300, seed: 5) { #expect(ours.index(forKey: key) == theirs.index(forKey: key)) }
    }

    @Test func `spymemcached has 160 points where the C arithmetic gives 156`() throws {
        let servers = (1...25).map { RingServer(host: "10.0.0.\($0)") }
        let c = try ServerRing(servers: servers)
        let java = try ServerRing(servers: servers, selection: .spymemcached(names: .libmemcached))
        #expect(c.pointCounts?.allSatisfy { $0 == 156 } == true)
        #expect(java.pointCounts?.allSatisfy { $0 == 160 } == true)
    }

    @Test func `spymemcached gives equal points to the server listed last and libmemcached to the first`() throws {
        let twice = [RingServer(host: "10.0.0.1", port: 11_212), RingServer(host: "10.0.0.1", port: 11_212)]
        #expect(try ServerRing(servers: twice).pointCounts == [160, 0])
        #expect(try ServerRing(servers: twice, selection: .spymemcached).pointCounts == [0, 160])
    }

    @Test func `spymemcached with another hash has 160 points of its own`() throws {
        var selection = ServerSelection.spymemcached
        selection.keyHash = .fnv1a_32
        let servers = [RingServer(host: "10.0.0.1"), RingServer(host: "10.0.0.2")]
        let ring = try ServerRing(servers: servers, selection: selection)
        #expect(ring.pointCounts == [160, 160])
        guard case .point(let value, _, _) = ring.placement(of: "key").reason else {
            Issue.record("no point")
            return
        }
        let names = [1, 2].flatMap { host in (0..<160).map { "10.0.0.\(host):11211-\($0)" } }
        #expect(names.contains { ServerSelection.KeyHash.fnv1a_32.hash(of: $0.utf8) == value })
    }
}
