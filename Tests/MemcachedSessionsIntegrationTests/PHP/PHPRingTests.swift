import Memcached
import MemcachedSessions
import MemcachedTestSupport
import PHPSessionCodec
import Testing

/// Three servers that a live PHP and Swift share: both find sessions, and keep copies of them, in the same places.
@Suite struct PHPRingTests {
    private static let settings: [[String: String]] = [
        ["memcached.sess_consistent_hash": "1", "memcached.sess_consistent_hash_type": "ketama"],
        ["memcached.sess_consistent_hash": "1", "memcached.sess_consistent_hash_type": "ketama_weighted"],
        ["memcached.sess_consistent_hash": "0"],
    ]

    private static func withRing(_ body: ([MemcachedProcess]) async throws -> Void) async throws {
        try await withMemcached { first in
            try await withMemcached { second in
                try await withMemcached { third in try await body([first, second, third]) }
            }
        }
    }

    @Test(arguments: settings.indices, [0, 1])
    func `sessions and their copies are where PHP has them`(mode: Int, copies: Int) async throws {
        try await Self.withRing { servers in
            var settings = Self.settings[mode]
            settings["memcached.sess_number_of_replicas"] = "\(copies)"
            let php = PHPPeer(addresses: servers.map(\.address), format: .php, settings: settings)
            settings["session.save_path"] = php.savePath
            var configuration = try MemcachedSessionConfiguration(phpSettings: settings)
            configuration.client.timeouts.operation = .seconds(30)
            configuration.client.timeouts.connect = .seconds(30)
            let handler = try MemcachedSessionHandler(configuration)
            let peers = try await [
                Peer.connect(servers[0]), Peer.connect(servers[1]), Peer.connect(servers[2]),
            ]
            for number in 0..<4 {
                let id = "0123456789abcdefghijklmnop-\(number)"
                _ = try await php.request(id, "$_SESSION['count'] = 1;")
                let home = handler.client.server(of: MemcachedKey(id))
                let own = try #require(servers.firstIndex { MemcachedServer($0.address) == home })
                let expected = Set((0...copies).map { (own + $0) % 3 })
                for (index, peer) in peers.enumerated() {
                    let stored = try await peer.session(id)
                    #expect(stored == (expected.contains(index) ? "count|i:1;" : nil), "PHP, server \(index)")
                }
                #expect(try await handler.reload(id) == 2)
                for (index, peer) in peers.enumerated() {
                    let stored = try await peer.session(id)
                    #expect(stored == (expected.contains(index) ? "count|i:2;" : nil), "Swift, server \(index)")
                    #expect(try await peer.lock(id) == nil)
                }
                #expect(try await php.request(id, "echo $_SESSION['count'];") == "2")
            }
        }
    }
}
