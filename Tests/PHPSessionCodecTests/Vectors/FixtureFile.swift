import Foundation

/// A captured file of `Fixtures/php`; its README says where the rows come from.
enum FixtureFile {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent()  // Vectors
        .deletingLastPathComponent()  // PHPSessionCodecTests
        .deletingLastPathComponent()  // Tests
        .deletingLastPathComponent()
        .appending(path: "Fixtures/php")

    /// All rows of the files whose names start like this, one JSON object a line.
    static func rows<Row: Decodable>(_ prefix: String, excluding other: String? = nil) throws -> [Row] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path())
            .filter { name in
                name.hasPrefix(prefix) && name.hasSuffix(".jsonl") && !(other.map { name.hasPrefix($0) } ?? false)
            }
        let decoder = JSONDecoder()
        return try names.sorted()
            .flatMap { name in
                let data = try Data(contentsOf: folder.appending(path: name))
                return try data.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(Row.self, from: $0) }
            }
    }
}

/// Any JSON, to be compared.
indirect enum JSONTree: Decodable, Hashable, Sendable, CustomStringConvertible {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let container = try? decoder.container(keyedBy: Name.self) {
            var members: [String: JSONTree] = [:]
            for key in container.allKeys {
                members[key.stringValue] = try container.decode(JSONTree.self, forKey: key)
            }
            self = .object(members)
        } else if var container = try? decoder.unkeyedContainer() {
            var items: [JSONTree] = []
            while !container.isAtEnd { items.append(try container.decode(JSONTree.self)) }
            self = .array(items)
        } else {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else {
                self = .string(try container.decode(String.self))
            }
        }
    }

    static func parse(_ text: String) throws -> JSONTree {
        try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8))
    }

    /// One line with sorted names, for the message of a failing test.
    var description: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): "\"\(value)\""
        case .array(let items): "[\(items.map(\.description).joined(separator: ","))]"
        case .object(let members):
            "{\(members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ","))}"
        }
    }

    subscript(name: String) -> JSONTree? {
        if case .object(let members) = self { members[name] } else { nil }
    }

    var items: [JSONTree] {
        if case .array(let items) = self { items } else { [] }
    }
}
