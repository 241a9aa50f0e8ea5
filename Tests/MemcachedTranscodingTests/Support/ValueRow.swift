import Foundation
import Memcached
import NIOCore
import Testing

/// A row of `php_values.jsonl`: what PHP's `Memcached::set` stored.
struct ValueRow: Decodable, Sendable, CustomTestStringConvertible {
    struct Options: Decodable, Sendable {
        var compression: Bool?
        var compressionType: Int?
        var userFlags: UInt16?

        private enum CodingKeys: String, CodingKey {
            case compression = "COMPRESSION"
            case compressionType = "COMPRESSION_TYPE"
            case userFlags = "USER_FLAGS"
        }
    }

    var name: String
    var options: Options
    var flags: UInt32
    var bytesBase64: Data
    var phpGetBack: Meaning

    private enum CodingKeys: String, CodingKey {
        case name
        case options
        case flags
        case bytesBase64 = "bytes_base64"
        case phpGetBack = "php_get_back"
    }

    var testDescription: String { name }
    var payload: MemcachedPayload { MemcachedPayload(bytes: ByteBuffer(bytes: bytesBase64), flags: flags) }
    var type: UInt32 { flags & 0xF }
    var isSerialized: Bool { [4, 5, 7].contains(type) }
    var isCompressed: Bool { flags & 0x10 != 0 }
    var isZlib: Bool { flags & 0x30 == 0x30 }

    static func all() throws -> [ValueRow] { try Fixture.rows("php_values.jsonl") }
}

/// A row of `php_values_odd.jsonl`: what PHP made of bytes and flags that it would not have written.
struct OddRow: Decodable, Sendable, CustomTestStringConvertible {
    struct Answer: Decodable, Sendable {
        var get: Meaning
        var result: String
    }

    var name: String
    var flags: UInt32
    var bytesBase64: Data
    /// Nil where PHP died of it.
    var php: Answer?

    private enum CodingKeys: String, CodingKey {
        case name
        case flags
        case bytesBase64 = "bytes_base64"
        case php
    }

    var testDescription: String { name }
    var payload: MemcachedPayload { MemcachedPayload(bytes: ByteBuffer(bytes: bytesBase64), flags: flags) }
    var isSerialized: Bool { [4, 5, 7].contains(flags & 0xF) }

    static func all() throws -> [OddRow] { try Fixture.rows("php_values_odd.jsonl") }
}

/// A row of `php_serialized.jsonl`: what PHP's serializers make of the values that `php_values.jsonl` has compressed.
struct SerializedRow: Decodable, Sendable {
    var name: String
    var flags: UInt32
    var length: Int
    var sha1: String

    static func all() throws -> [String: SerializedRow] {
        let rows: [SerializedRow] = try Fixture.rows("php_serialized.jsonl")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
    }
}
