public import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Sessions as one JSON object with a member for each variable, its names sorted; no bytes when there is none.
///
/// PHP's session handler does not read it: use it where all processes are Swift. The object nests up to 64 levels deeply,
/// itself included; beyond, it is neither read nor written.
public struct MemcachedJSONSessionFormat: MemcachedSessionFormat {
    /// Makes the format.
    public init() {}

    /// `json`.
    public var name: String { "json" }

    /// Reads the members of a JSON object.
    ///
    /// - Parameter bytes: The object, or nothing.
    /// - Returns: Its members.
    /// - Throws: `DecodingError` when the bytes are not a JSON object, or one that nests too deeply.
    public func variables(from bytes: ByteBuffer) throws -> any MemcachedSessionVariables {
        guard bytes.readableBytes > 0 else { return JSONVariables() }
        let data = Data(bytes.readableBytesView)
        guard JSONNesting.isShallow(data, levels: JSONNesting.maximum) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: JSONNesting.refusal)
            )
        }
        return JSONVariables(members: try JSONDecoder().decode([String: JSONValue].self, from: data))
    }
}

extension MemcachedSessionFormat where Self == MemcachedJSONSessionFormat {
    /// Sessions as a JSON object.
    public static var json: MemcachedJSONSessionFormat { MemcachedJSONSessionFormat() }
}

/// The members of a JSON object.
struct JSONVariables: MemcachedSessionVariables {
    private(set) var members: [String: JSONValue] = [:]

    var names: [String] { members.keys.sorted() }

    func value<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
        guard let member = members[name] else { return nil }
        return try Self.decode(type, from: member)
    }

    mutating func setValue(_ value: some Encodable, for name: String) throws {
        members[name] = try Self.encode(value, levels: JSONNesting.maximum - 1)
    }

    mutating func removeValue(for name: String) {
        members[name] = nil
    }

    func values<Value: Decodable>(as type: Value.Type) throws -> Value {
        try Self.decode(type, from: .object(members))
    }

    mutating func setValues(_ value: some Encodable) throws {
        guard case .object(let members) = try Self.encode(value, levels: JSONNesting.maximum) else {
            throw EncodingError.invalidValue(
                type(of: value),
                EncodingError.Context(codingPath: [], debugDescription: "a session has named variables")
            )
        }
        self.members = members
    }

    func bytes() throws -> ByteBuffer {
        guard !members.isEmpty else { return ByteBuffer() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(members))
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws -> Value {
        try JSONDecoder().decode(type, from: JSONEncoder().encode(value))
    }

    private static func encode(_ value: some Encodable, levels: Int) throws -> JSONValue {
        let data = try JSONEncoder().encode(value)
        guard JSONNesting.isShallow(data, levels: levels) else {
            throw EncodingError.invalidValue(
                type(of: value),
                EncodingError.Context(codingPath: [], debugDescription: JSONNesting.refusal)
            )
        }
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }
}
