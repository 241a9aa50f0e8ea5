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
            .filter { $0.consistent_hash_type == "ketama" }
    }

    @Test func `a save path alone puts sessions and locks where PHP's defaults put them`() throws {
        let rows = try Self.rows()
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
}
