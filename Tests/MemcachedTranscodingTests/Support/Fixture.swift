import Foundation

/// Reads the files of `Fixtures/values`; their README says where they come from.
enum Fixture {
    /// All rows of a file, one JSON object a line.
    static func rows<Row: Decodable>(_ file: String, as _: Row.Type = Row.self) throws -> [Row] {
        let folder = URL(filePath: #filePath)
            .deletingLastPathComponent()  // Support
            .deletingLastPathComponent()  // MemcachedTranscodingTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appending(path: "Fixtures/values")
        let text = try Data(contentsOf: folder.appending(path: file))
        let decoder = JSONDecoder()
        return try text.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Row.self, from: $0) }
    }
}
