import Foundation
import MemcachedHashing

/// A configuration of server selection in JSON: a row of the project's `server_selection.jsonl`.
///
/// `distribution`, `hash` and `servers` have to be there. What is known here beyond them is optional; what is not known,
/// such as the row's own `keys` and `picks`, is ignored.
struct PlacementFile: Decodable {
    struct Server: Decodable {
        let host: String
        let port: Int?
        let weight: Int?
    }

    let distribution: String
    let hash: String
    let pointHash: String?
    let weighted: Bool?
    let servers: [Server]
    let namespace: String?
    let hashWithNamespace: Bool?
    let sortHosts: Bool?
    let vbucketMap: [Int]?
    let dead: [Int]?

    /// Reads a file.
    ///
    /// - Parameter path: Where it is; `-` is not standard input, which the keys may come from.
    /// - Throws: ``Failure`` that names the file and the member.
    init(path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw Failure(.noInput, "\(path): the file cannot be read")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            self = try decoder.decode(PlacementFile.self, from: data)
        } catch let error as DecodingError {
            throw Failure(.data, "\(path): \(Self.explain(error))")
        } catch {
            throw Failure(.data, "\(path): the file is no JSON")
        }
    }

    /// The servers, ready to be asked.
    ///
    /// - Parameter byteSign: How bytes above 127 enter the hash functions.
    /// - Returns: The ring.
    /// - Throws: ``Failure`` for names that are not known and for servers that cannot be.
    func ring(byteSign: ServerSelection.ByteSign) throws -> ServerRing {
        guard
            let distribution = ServerSelection.Distribution(
                named: distribution,
                weighted: weighted ?? false,
                buckets: vbucketMap ?? []
            )
        else {
            throw Failure(
                .data,
                "distribution has to be modula, consistent, ketama, ketama_weighted, ketama_spy, virtual_bucket or "
                    + "spymemcached"
            )
        }
        let selection = ServerSelection(
            keyHash: try Self.keyHash(hash, "hash"),
            distribution: distribution,
            pointHash: try pointHash.map { try Self.keyHash($0, "point_hash") },
            hashesNamespace: hashWithNamespace ?? false,
            sortsHosts: sortHosts ?? false,
            byteSign: byteSign
        )
        do throws(ServerSelectionError) {
            return try ServerRing(
                servers: servers.map {
                    RingServer(host: $0.host, port: $0.port ?? 0, weight: $0.weight ?? 1)
                },
                selection: selection,
                namespace: Array((namespace ?? "").utf8),
                ejected: Set(dead ?? [])
            )
        } catch {
            throw Failure(.data, "\(error)")
        }
    }

    private static func keyHash(_ name: String, _ member: String) throws -> ServerSelection.KeyHash {
        guard let hash = ServerSelection.KeyHash(rawValue: name) else {
            let known = ServerSelection.KeyHash.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.data, "\(member) has to be one of \(known)")
        }
        return hash
    }

    /// What is wrong and where, without showing what stands there.
    private static func explain(_ error: DecodingError) -> String {
        func place(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
            let names = (path + [last].compactMap(\.self))
                .map { key in
                    key.intValue.map { "[\($0)]" } ?? key.stringValue
                }
            return names.isEmpty ? "the file" : names.joined(separator: " ")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context.codingPath, key)) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context.codingPath)) has a value of the wrong type"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "the file is no JSON, or a number in it is too large"
                : "\(place(context.codingPath)) has a value that cannot be read"
        @unknown default: return "the file does not describe a selection of servers"
        }
    }
}
