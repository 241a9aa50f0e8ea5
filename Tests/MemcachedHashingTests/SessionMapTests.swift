import MemcachedHashing
import Testing

@Suite struct SessionMapTests {
    /// A session id or the name of its lock, and the server on which PHP keeps it.
    struct Row: Decodable, Sendable {
        struct Server: Decodable, Sendable {
            let server: RingServer

            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                server = RingServer(
                    host: try list.decode(String.self),
                    port: try list.decode(Int.self),
                    weight: try list.decode(Int.self)
                )
            }
        }

        let savePath: String
        let consistentHashType: String
        let key: String
        let serverIndex: Int
        let servers: [Server]

        var mode: ServerSelection.PHPSessionDistribution? {
            consistentHashType == "none" ? .off : ServerSelection.PHPSessionDistribution(rawValue: consistentHashType)
        }
    }

    @Test(arguments: ServerSelection.PHPSessionDistribution.allCases)
    func `PHP's sessions and locks are found`(mode: ServerSelection.PHPSessionDistribution) throws {
        let rows = try Fixture.rows("session_server_map.jsonl", as: Row.self).filter { $0.mode == mode }
        #expect(rows.count > 300)
        #expect(rows.contains { $0.key.hasPrefix("lock.") } && rows.contains { !$0.key.hasPrefix("lock.") })
        for (path, rows) in Dictionary(grouping: rows, by: \.savePath) {
            let servers = try #require(rows.first).servers.map(\.server)
            // The namespace is on the wire and not in the hash.
            let ring = try ServerRing(
                servers: servers,
                selection: .phpSession(mode),
                namespace: Array("memc.sess.key.".utf8)
            )
            let wrong = rows.filter { ring.index(forKey: $0.key) != $0.serverIndex }
            #expect(wrong.isEmpty, "\(path): \(wrong.map(\.key))")
        }
    }

    @Test func `every captured session is looked at`() throws {
        let rows = try Fixture.rows("session_server_map.jsonl", as: Row.self)
        #expect(rows.count == 1_176)
        #expect(rows.allSatisfy { $0.mode != nil })
    }
}
