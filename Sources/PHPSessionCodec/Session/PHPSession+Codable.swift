extension PHPSession {
    /// Decodes the value at the end of a path.
    ///
    /// - Parameters:
    ///   - type: The type.
    ///   - path: The name of a variable, then keys and property names from the outside in; none for the whole session.
    /// - Returns: A value of the type, nil where the path leads to nothing.
    /// - Throws: `DecodingError`, see ``PHPValueDecoder/decode(_:from:)``.
    public func decode<T: Decodable>(_ type: T.Type, at path: PHPKey...) throws -> T? {
        try value[path: path].map { try PHPValueDecoder().decode(type, from: $0) }
    }

    /// Sets the value at the end of a path to what a Codable value becomes.
    ///
    /// It never becomes a PHP object.
    ///
    /// - Parameters:
    ///   - newValue: The value.
    ///   - path: The name of a variable, then keys and property names from the outside in.
    /// - Throws: `EncodingError`, or ``PHPSessionCodecError/Code/notAContainer`` as `set(_:at:)` does.
    public mutating func encode(_ newValue: some Encodable, at path: PHPKey...) throws {
        try set(try PHPValueEncoder().encode(newValue), at: path)
    }
}
