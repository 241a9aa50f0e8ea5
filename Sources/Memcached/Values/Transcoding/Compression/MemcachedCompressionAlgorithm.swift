public import NIOCore

/// Makes values smaller, and restores them.
///
/// ``MemcachedFastLZAlgorithm`` is built in, zlib is in the product `MemcachedZlib`. Conform a type of your own to add
/// another that php-memcached knows, for example Zstandard.
public protocol MemcachedCompressionAlgorithm: Sendable {
    /// How the flags word names the algorithm.
    var format: MemcachedCompressionFormat { get }

    /// Compresses a value.
    ///
    /// - Parameter bytes: The value.
    /// - Returns: The compressed bytes, without a header of the transcoder.
    /// - Throws: When it cannot be done; then the operation fails.
    func compress(_ bytes: ByteBuffer) throws -> ByteBuffer

    /// Restores a value.
    ///
    /// The bytes may have been damaged or made up by an attacker. Allocate memory for what they yield, not for what
    /// they announce.
    ///
    /// - Parameters:
    ///   - bytes: What ``compress(_:)`` gave, or anything else.
    ///   - limit: How many bytes the value may have.
    /// - Returns: The value.
    /// - Throws: ``MemcachedDecompressionError/malformed`` when the bytes are not of this algorithm,
    ///   ``MemcachedDecompressionError/limitExceeded`` when they yield more than `limit`.
    func decompress(_ bytes: ByteBuffer, limit: Int) throws -> ByteBuffer
}

/// The compressed formats that php-memcached has a flag for.
public struct MemcachedCompressionFormat: Hashable, Sendable, CustomStringConvertible {
    /// The format's bit in the flags word.
    public let flag: UInt32
    /// The format's name.
    public let description: String

    /// zlib's format, RFC 1950.
    public static let zlib = MemcachedCompressionFormat(flag: 0x20, description: "zlib")
    /// FastLZ, level 1 or 2.
    public static let fastLZ = MemcachedCompressionFormat(flag: 0x40, description: "FastLZ")
    /// Zstandard, RFC 8878; php-memcached has it from version 3.3.0 on.
    public static let zstandard = MemcachedCompressionFormat(flag: 0x80, description: "Zstandard")

    static let all = [zlib, fastLZ, zstandard]

    /// Whether php-memcached reads values whose header announces more than there is.
    ///
    /// A zlib stream says itself where it ends and carries a checksum. With FastLZ the header is all there is to notice
    /// missing bytes by, and php-memcached 3.2.0 fills the difference with whatever its memory held.
    var isSelfDelimiting: Bool { self == .zlib }
}

/// Why compressed bytes could not be restored.
public enum MemcachedDecompressionError: Error, Hashable, Sendable {
    /// The bytes are not of this algorithm, or damaged.
    case malformed
    /// They yield more bytes than allowed.
    case limitExceeded
}
