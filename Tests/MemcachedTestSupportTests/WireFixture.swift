import Foundation
import Testing

/// One captured exchange with memcached 1.6.18; see `Fixtures/wire/README.md`.
struct WireFixture: Decodable, CustomTestStringConvertible {
    struct Suffix: Decodable {
        var repeatByte: String
        var count: Int
        var thenHex: String

        enum CodingKeys: String, CodingKey {
            case repeatByte = "repeat_byte"
            case count
            case thenHex = "then_hex"
        }
    }

    var name: String
    var server: String
    var requestHex: String
    var requestSuffix: Suffix?
    var prepareHex: [Prepared]?
    var responseHex: String
    var serverClosed: Bool

    /// A request sent before on another connection, whole or as a head whose last byte goes on.
    struct Prepared: Decodable {
        var bytes: [UInt8]

        init(from decoder: any Decoder) throws {
            if let hex = try? decoder.singleValueContainer().decode(String.self) {
                bytes = WireFixture.bytes(hex)
                return
            }
            let container = try decoder.container(keyedBy: CodingKeys.self)
            let head = WireFixture.bytes(try container.decode(String.self, forKey: .headHex))
            let length = try container.decode(Int.self, forKey: .length)
            bytes = head + [UInt8](repeating: head.last ?? 0, count: max(0, length - head.count))
        }

        enum CodingKeys: String, CodingKey {
            case headHex = "head_hex"
            case length
        }
    }

    enum CodingKeys: String, CodingKey {
        case name
        case server
        case requestHex = "request_hex"
        case requestSuffix = "request_suffix"
        case prepareHex = "prepare_hex"
        case responseHex = "response_hex"
        case serverClosed = "server_closed"
    }

    var testDescription: String { name }

    var request: [UInt8] {
        var bytes = Self.bytes(requestHex)
        if let requestSuffix {
            let byte = Self.bytes(requestSuffix.repeatByte).first ?? 0
            bytes += [UInt8](repeating: byte, count: requestSuffix.count) + Self.bytes(requestSuffix.thenHex)
        }
        return bytes
    }

    var prepare: [[UInt8]] {
        (prepareHex ?? []).map(\.bytes)
    }

    /// All rows, in the order of their capture.
    static func all() throws -> [WireFixture] {
        try load("wire.jsonl")
    }

    static func load<Row: Decodable>(_ name: String) throws -> [Row] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let file = folder.appending(path: "../../Fixtures/wire/\(name)")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return try lines.map { try JSONDecoder().decode(Row.self, from: Data($0.utf8)) }
    }

    static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }
}

/// One captured connection to a SASL server, user alice, password s3cret.
struct SASLWireFixture: Decodable {
    struct Step: Decodable {
        var requestHex: String

        enum CodingKeys: String, CodingKey {
            case requestHex = "request_hex"
        }
    }

    var name: String
    var steps: [Step]
}

extension Sequence<UInt8> {
    /// The bytes in hexadecimal.
    var hex: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
