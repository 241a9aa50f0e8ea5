import NIOCore
import PHPSessionCodec

/// The variables of a session in one of PHP's formats.
struct PHPVariables: MemcachedSessionVariables {
    /// The session, kept whole.
    var session: PHPSession

    init(_ session: PHPSession) { self.session = session }

    var names: [String] { session.names.compactMap(\.text) }

    func value<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value? {
        try value(at: [PHPKey(name)], as: type)
    }

    mutating func setValue(_ value: some Encodable, for name: String) throws {
        try setValue(value, at: [PHPKey(name)])
    }

    mutating func removeValue(for name: String) { session[name] = nil }

    func values<Value: Decodable>(as type: Value.Type) throws -> Value {
        try PHPValueDecoder().decode(type, from: session.root)
    }

    mutating func setValues(_ value: some Encodable) throws {
        guard let members = try PHPValueEncoder().encode(value).array, members.keys.allSatisfy(\.isName) else {
            throw EncodingError.invalidValue(
                type(of: value),
                EncodingError.Context(codingPath: [], debugDescription: "a session has named variables")
            )
        }
        // Checked before anything is changed. What is there already keeps its place and, if it is the same, its bytes.
        for (key, member) in members { try check(member, replaces: session[path: [key]], at: [key]) }
        for name in session.names where members[name] == nil { try session.remove(at: [name]) }
        for (key, member) in members where session[path: [key]] != member { try session.set(member, at: [key]) }
    }

    func bytes() throws -> ByteBuffer {
        // PHP stores an empty session as nothing at all, and reads that in every format.
        if session.isChanged, session.isEmpty, session.root.array != nil { return ByteBuffer() }
        return ByteBuffer(bytes: try session.encoded())
    }
}

extension PHPVariables {
    func value<Value: Decodable>(at path: [PHPKey], as type: Value.Type) throws -> Value? {
        // Null counts as not there, as for PHP's isset() and ??.
        guard let value = session[path: path], !value.isNull else { return nil }
        return try PHPValueDecoder().decode(type, from: value)
    }

    /// Sets what a path leads to; nothing is written anew if it holds the same already.
    mutating func setValue(_ value: some Encodable, at path: [PHPKey]) throws {
        let new = try PHPValueEncoder().encode(value)
        let old = session[path: path]
        if let old, old == new { return }
        try check(new, replaces: old, at: path)
        try session.set(new, at: path)
    }

    /// Refuses to replace PHP's objects by arrays, which is what a Codable value becomes.
    private func check(_ new: PHPValue, replaces old: PHPValue?, at path: [PHPKey]) throws {
        guard let old, old.holdsObjects, old != new else { return }
        throw EncodingError.invalidValue(
            PHPValue.self,
            EncodingError.Context(
                codingPath: [],
                debugDescription: "PHP keeps an object in this place, which PHP code would miss. Set single properties "
                    + "by their path, remove it first, or use changePHPSession(_:)"
            )
        )
    }
}

extension PHPKey {
    /// Whether all of PHP's formats keep a variable of this name.
    fileprivate var isName: Bool {
        if case .string = self { true } else { false }
    }
}
