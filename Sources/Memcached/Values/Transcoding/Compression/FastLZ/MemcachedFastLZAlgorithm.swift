public import NIOCore

/// FastLZ: little compression for little time, php-memcached's default.
///
/// Values below 65,536 bytes are written at level 1, larger ones at level 2, as php-memcached does and with the same
/// bytes; both levels are read.
public struct MemcachedFastLZAlgorithm: MemcachedCompressionAlgorithm, Hashable {
    /// Makes the algorithm; there is nothing to choose.
    public init() {}

    /// ``MemcachedCompressionFormat/fastLZ``.
    public var format: MemcachedCompressionFormat { .fastLZ }

    /// Compresses a value.
    ///
    /// - Parameter bytes: The value.
    /// - Returns: A FastLZ block; it is longer than the value by at most a 32nd and a byte.
    public func compress(_ bytes: ByteBuffer) -> ByteBuffer {
        ByteBuffer(bytes: FastLZCompressor.compress(Array(bytes.readableBytesView)))
    }

    /// Restores a value.
    ///
    /// - Parameters:
    ///   - bytes: A FastLZ block, or anything else.
    ///   - limit: How many bytes the value may have.
    /// - Returns: The value.
    /// - Throws: ``MemcachedDecompressionError``.
    public func decompress(
        _ bytes: ByteBuffer,
        limit: Int
    ) throws(MemcachedDecompressionError) -> ByteBuffer {
        ByteBuffer(bytes: try FastLZDecompressor.decompress(Array(bytes.readableBytesView), limit: limit))
    }
}
