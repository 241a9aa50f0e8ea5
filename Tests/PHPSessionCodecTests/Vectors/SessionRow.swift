import Foundation
import PHPSessionCodec

/// A row of `php_sessions*.jsonl`: a session as PHP stored it.
struct SessionRow: Decodable, Sendable, CustomTestStringConvertibleRow {
    let name: String
    let handler: String
    let bytesBase64: String?
    let jsonMeaning: JSONTree
    let decodedMeaning: JSONTree?
    let decodeError: String?
    let plainJson: String?
    let reencodeIdentical: Bool?
    let reencodedBase64: String?
    let error: String?

    private enum CodingKeys: String, CodingKey {
        case name, handler, error
        case bytesBase64 = "bytes_base64"
        case jsonMeaning = "json_meaning"
        case decodedMeaning = "decoded_meaning"
        case decodeError = "decode_error"
        case plainJson = "plain_json"
        case reencodeIdentical = "reencode_identical"
        case reencodedBase64 = "reencoded_base64"
    }

    /// Rows that PHP stored; the others are values it refused.
    static func stored() throws -> [SessionRow] {
        let rows: [SessionRow] = try FixtureFile.rows("php_sessions", excluding: "php_sessions_bad")
        return rows.filter { $0.error == nil }
    }

    static func stored(_ handlers: [PHPSessionFormat]) throws -> [SessionRow] {
        try stored().filter { row in handlers.contains { $0.rawValue == row.handler } }
    }

    var bytes: [UInt8] { bytesBase64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? [] }

    var reencodedBytes: [UInt8]? { reencodedBase64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } }

    var format: PHPSessionFormat {
        get throws { try PHPSessionFormat(rawValue: handler).orThrow("unknown handler \(handler)") }
    }

    func session() throws -> PHPSession { try PHPSession(decoding: bytes, format: format) }

    /// What PHP reads from the bytes.
    var meaning: JSONTree { decodedMeaning ?? jsonMeaning }
}

/// A row of `php_sessions_bad*.jsonl`: bytes that are wrong or odd, and what PHP made of them.
struct BadRow: Decodable, Sendable, CustomTestStringConvertibleRow {
    struct Verdict: Decodable, Sendable {
        let sessionJson: String?
        let exception: String?

        private enum CodingKeys: String, CodingKey {
            case exception
            case sessionJson = "session_json"
        }
    }

    let name: String
    let handler: String
    let bytesBase64: String
    let phpVerdict: String
    let php: Verdict

    private enum CodingKeys: String, CodingKey {
        case name, handler, php
        case bytesBase64 = "bytes_base64"
        case phpVerdict = "php_verdict"
    }

    static func all() throws -> [BadRow] { try FixtureFile.rows("php_sessions_bad") }

    var bytes: [UInt8] { Data(base64Encoded: bytesBase64).map { [UInt8]($0) } ?? [] }

    var format: PHPSessionFormat {
        get throws { try PHPSessionFormat(rawValue: handler).orThrow("unknown handler \(handler)") }
    }

    var isAccepted: Bool { phpVerdict == "accepted" }
}

/// A row that a failing test names.
protocol CustomTestStringConvertibleRow: CustomStringConvertible {
    var name: String { get }
    var handler: String { get }
}

extension CustomTestStringConvertibleRow {
    var description: String { "\(name) (\(handler))" }
}

struct Missing: Error, CustomStringConvertible {
    let description: String
}

extension Optional {
    func orThrow(_ reason: String) throws -> Wrapped {
        guard let value = self else { throw Missing(description: reason) }
        return value
    }
}
