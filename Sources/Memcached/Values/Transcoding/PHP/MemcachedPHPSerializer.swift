public import NIOCore

/// Reads and writes one of PHP's own serialisation formats, in which php-memcached stores arrays and objects.
///
/// The library itself stores what is not a string, a number or a boolean as JSON, which PHP reads in any of its
/// settings. Give ``MemcachedPHPTranscoder`` a serializer to read what PHP wrote in another format, or to write it.
///
/// What is written has to be exactly right: php-memcached 3.2.0 with PHP 8.2 may crash (SIGSEGV) while it reads a value
/// of type ``MemcachedPHPSerialization/php`` that breaks off.
public protocol MemcachedPHPSerializer: Sendable {
    /// The format it knows.
    var serialization: MemcachedPHPSerialization { get }

    /// Writes a value.
    ///
    /// - Parameter value: What to store, nil included; never a bare string, number or boolean, which PHP stores without
    ///   a serializer.
    /// - Returns: The serialised bytes.
    /// - Throws: When the value cannot be written.
    func serialize<Value: Encodable & Sendable>(_ value: Value) throws -> ByteBuffer

    /// Reads a value.
    ///
    /// - Parameters:
    ///   - type: The type asked for.
    ///   - bytes: The serialised bytes, decompressed; they may be damaged or an attacker's.
    /// - Returns: The value.
    /// - Throws: When the bytes are not a value of that type.
    func deserialize<Value: Decodable & Sendable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value
}

/// The formats of PHP that php-memcached has a type number for, besides JSON.
public struct MemcachedPHPSerialization: Hashable, Sendable, CustomStringConvertible {
    /// The type number in the flags word.
    public let type: UInt8
    /// What PHP calls the format.
    public let description: String

    /// PHP's `serialize()`, the default of Debian's php-memcached.
    public static let php = MemcachedPHPSerialization(type: 4, description: "serialize()")
    /// igbinary, php-memcached's own default where it is compiled in.
    public static let igbinary = MemcachedPHPSerialization(type: 5, description: "igbinary")
    /// MessagePack with the extensions of PHP's msgpack.
    public static let msgpack = MemcachedPHPSerialization(type: 7, description: "msgpack")
}
