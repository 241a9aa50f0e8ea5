import Foundation

/// A value of PHP, as the fixtures describe it.
enum Meaning: Decodable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case float(bits: UInt64)
    case string(count: Int, sha1: String)
    /// An array or an object, as JSON.
    case structure(JSONValue)

    private enum Keys: String, CodingKey {
        case t, v, bits, len, sha1, json
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        switch try container.decode(String.self, forKey: .t) {
        case "null": self = .null
        case "bool": self = .boolean(try container.decode(Bool.self, forKey: .v))
        case "int":
            guard let integer = Int64(try container.decode(String.self, forKey: .v)) else { throw Self.unreadable }
            self = .integer(integer)
        case "float":
            guard let bits = UInt64(try container.decode(String.self, forKey: .bits), radix: 16) else {
                throw Self.unreadable
            }
            self = .float(bits: bits)
        case "str":
            self = .string(
                count: try container.decode(Int.self, forKey: .len),
                sha1: try container.decode(String.self, forKey: .sha1)
            )
        case "array", "object":
            let json = try container.decode(String.self, forKey: .json)
            self = .structure(try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8)))
        default: throw Self.unreadable
        }
    }

    private struct Unreadable: Error {}
    private static var unreadable: any Error { Unreadable() }
}

/// Any JSON.
enum JSONValue: Codable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let boolean = try? container.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let string = try? container.decode(String.self) {
            self = .string(string)
        } else if let array = try? container.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let boolean): try container.encode(boolean)
        case .number(let number): try container.encode(number)
        case .string(let string): try container.encode(string)
        case .array(let array): try container.encode(array)
        case .object(let object): try container.encode(object)
        }
    }
}
