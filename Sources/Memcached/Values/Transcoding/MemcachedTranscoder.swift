/// Turns values into the bytes and the flags word of an item, and back.
///
/// A transcoder owns the flags word: it alone decides what is written there and what is made of what is found there.
/// Every program that shares a key has to use the same rules, so choose the preset that the others use:
///
/// ```swift
/// configuration.transcoder = .standard                            // readable by everybody, the default
/// configuration.transcoder = .phpMemcached(compression: .fastLZ)  // what PHP's Memcached class reads and writes
/// configuration.transcoder = .raw                                 // bytes only, flags not looked at
/// ```
///
/// A transcoder of your own may throw any error. The client makes a ``MemcachedError`` of it, of code
/// ``MemcachedError/Code/encodingFailed`` or ``MemcachedError/Code/decodingFailed``, with yours as its cause. Bytes
/// that come from a server are input like any other: check them, and bound what they make you allocate.
public protocol MemcachedTranscoder: Sendable {
    /// Turns a value into bytes and flags.
    ///
    /// - Parameter value: What to store.
    /// - Returns: What the server shall keep.
    /// - Throws: When the value cannot be written this way. The error's text should not hold the value.
    func encode<Value: Encodable & Sendable>(_ value: Value) throws -> MemcachedPayload

    /// Turns bytes and flags into a value.
    ///
    /// - Parameters:
    ///   - type: The type asked for.
    ///   - payload: What the server keeps.
    /// - Returns: The value.
    /// - Throws: When the bytes and flags are not a value of that type. The error's text should not hold the value.
    func decode<Value: Decodable & Sendable>(_ type: Value.Type, from payload: MemcachedPayload) throws -> Value
}
