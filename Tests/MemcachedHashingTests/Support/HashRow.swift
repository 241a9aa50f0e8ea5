import Foundation
import MemcachedHashing

/// A row that says what a hash function returns for a key.
struct HashRow: Decodable, Sendable {
    let algo: String
    let keyBase64: Data
    let hash: UInt32
    let char: String?
    let source: String?

    var byteSign: ServerSelection.ByteSign { char == "unsigned" ? .unsigned : .signed }

    /// The rows of a file by function, so that a test has one case a function.
    static func byFunction(_ file: String) throws -> [(function: String, rows: [HashRow])] {
        let rows: [HashRow] = try Fixture.rows(file)
        return Dictionary(grouping: rows, by: \.algo).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
