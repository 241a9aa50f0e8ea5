import Foundation
import MemcachedHashing
import Testing

/// A row that says which server keeps which key under a configuration.
struct SelectionRow: Decodable, Sendable, CustomTestStringConvertible {
    struct Server: Decodable, Sendable {
        let host: String
        let port: Int
        let weight: Int
    }

    let id: String?
    let kind: String?
    let source: String?
    let distribution: String
    let hash: String
    let pointHash: String?
    let weighted: Bool
    let servers: [Server]
    let namespace: String?
    let hashWithNamespace: Bool?
    let sortHosts: Bool?
    let vbucketMap: [Int]?
    let dead: [Int]?
    let pointNames: [String]?
    let keys: [Data]
    let picks: [Int]
    let keyHashes: [UInt32]?
    let ringPoints: [UInt32]?

    var testDescription: String { [id, kind, source].compactMap(\.self).joined(separator: " ") }

    var ringServers: [RingServer] {
        servers.map { RingServer(host: $0.host, port: $0.port, weight: $0.weight) }
    }

    var keyHash: ServerSelection.KeyHash {
        get throws { try #require(ServerSelection.KeyHash(rawValue: hash)) }
    }

    /// The configuration of the row in our words.
    var selection: ServerSelection {
        get throws {
            ServerSelection(
                keyHash: try keyHash,
                distribution: try #require(
                    ServerSelection.Distribution(named: distribution, weighted: weighted, buckets: vbucketMap ?? [])
                ),
                pointHash: try pointHash.map { try #require(ServerSelection.KeyHash(rawValue: $0)) },
                hashesNamespace: hashWithNamespace ?? false,
                sortsHosts: sortHosts ?? false
            )
        }
    }

    func ring(_ selection: ServerSelection) throws -> ServerRing {
        try ServerRing(
            servers: ringServers,
            selection: selection,
            namespace: Array((namespace ?? "").utf8),
            ejected: Set(dead ?? [])
        )
    }

    /// The keys that a ring places elsewhere than the row, as text for a failure.
    func disagreements(with ring: ServerRing) -> [String] {
        zip(keys, picks)
            .compactMap { key, pick in
                let index = ring.index(forKey: key)
                return index == pick ? nil : "\(key.base64EncodedString()): \(index), not \(pick)"
            }
    }
}
