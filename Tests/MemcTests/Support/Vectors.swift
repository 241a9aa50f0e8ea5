import Foundation

/// The captured rows of `Fixtures`; the README of each folder says where they come from.
enum Vectors {
    /// The lines of a file, each one JSON object.
    static func lines(_ path: String) throws -> [Data] {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent()  // Support
            .deletingLastPathComponent()  // MemcTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appending(path: "Fixtures")
            .appending(path: path)
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
    }

    /// The rows of a file.
    static func rows<Row: Decodable>(_ path: String, as _: Row.Type = Row.self) throws -> [Row] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try lines(path).map { try decoder.decode(Row.self, from: $0) }
    }
}
