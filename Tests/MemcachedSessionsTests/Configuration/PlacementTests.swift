import Foundation
import Memcached
import Testing

@testable import MemcachedSessions

/// Sessions and their locks are where real PHP put them; see `Fixtures/hashing/README.md`.
@Suite struct PlacementTests {
    struct Row: Decodable {
        let save_path: String
        let consistent_hash_type: String
        let key: String
        let server_index: Int
    }

    static func rows() throws -> [Row] {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent()  // Configuration
            .deletingLastPathComponent()  // MemcachedSessionsTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appending(path: "Fixtures/hashing/session_server_map.jsonl")
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
            .map {
                try JSONDecoder().decode(Row.self, from: $0)
            }
    }

    @Test func `a save path alone puts sessions and locks where PHP's defaults put them`() throws {
        let rows = try Self.rows().filter { $0.consistent_hash_type == "ketama" }
        #expect(rows.count > 300)
        #expect(rows.contains { $0.key.hasPrefix(SessionID.lockPrefix) })
        for (path, rows) in Dictionary(grouping: rows, by: \.save_path) {
            let handler = try MemcachedSessionHandler(MemcachedSessionConfiguration(savePath: path))
            for row in rows {
                let server = handler.client.server(of: MemcachedKey(row.key))
                #expect(handler.client.servers.firstIndex(of: server) == row.server_index, "\(path) \(row.key)")
            }
        }
    }

    @Test(arguments: ["ketama", "ketama_weighted", "none"])
    func `PHP's settings put sessions and locks where PHP puts them, in each mode`(mode: String) throws {
        let rows = try Self.rows().filter { $0.consistent_hash_type == mode }
        #expect(rows.count > 300)
        #expect(rows.contains { $0.key.hasPrefix(SessionID.lockPrefix) })
        #expect(rows.contains { !$0.key.hasPrefix(SessionID.lockPrefix) })
        for (path, rows) in Dictionary(grouping: rows, by: \.save_path) {
            let settings =
                mode == "none"
                ? ["session.save_path": path, "memcached.sess_consistent_hash": "0"]
                : ["session.save_path": path, "memcached.sess_consistent_hash_type": mode]
            let handler = try MemcachedSessionHandler(MemcachedSessionConfiguration(phpSettings: settings))
            for row in rows {
                #expect(handler.client.serverIndex(of: MemcachedKey(row.key)) == row.server_index, "\(path) \(row.key)")
            }
        }
    }
}
