public import Memcached
public import NIOCore

/// zlib's streams (RFC 1950), by the system's zlib: more compression than FastLZ for more time.
///
/// ```swift
/// import MemcachedZlib
///
/// configuration.transcoder = .phpMemcached(compression: .zlib)
/// // Written with FastLZ, and reads both:
/// configuration.transcoder = .phpMemcached(compression: .fastLZ, algorithms: [MemcachedZlibAlgorithm()])
/// ```
public struct MemcachedZlibAlgorithm: MemcachedCompressionAlgorithm, Hashable {
    /// How much work is spent on compressing, from 1 (least) to 9; zlib's own choice, at present 6, if nil.
    ///
    /// php-memcached up to 3.2 leaves it to zlib; from 3.3 on it uses 3. Any level can be read.
    public var level: Int?

    /// Makes the algorithm.
    /// - Parameter level: From 1 (fastest) to 9 (smallest); nil for zlib's own choice. Numbers beyond count as the
    ///   nearest of them.
    public init(level: Int? = nil) {
        self.level = level
    }

    /// `MemcachedCompressionFormat.zlib`.
    public var format: MemcachedCompressionFormat { .zlib }

    /// Compresses a value.
    ///
    /// - Parameter bytes: The value.
    /// - Returns: A zlib stream.
    /// - Throws: ``MemcachedZlibError``.
    public func compress(_ bytes: ByteBuffer) throws(MemcachedZlibError) -> ByteBuffer {
        try Deflate.stream(of: bytes, level: level.map { min(max($0, 1), 9) })
    }

    /// Restores a value.
    ///
    /// What follows the end of the stream is not looked at, as in php-memcached.
    ///
    /// - Parameters:
    ///   - bytes: A zlib stream, or anything else.
    ///   - limit: How many bytes the value may have.
    /// - Returns: The value.
    /// - Throws: `MemcachedDecompressionError`; ``MemcachedZlibError`` when there is no memory.
    public func decompress(_ bytes: ByteBuffer, limit: Int) throws -> ByteBuffer {
        try Inflate.content(of: bytes, limit: limit)
    }
}

/// What zlib reported when it could not do its work.
public struct MemcachedZlibError: Error, Hashable, Sendable, CustomStringConvertible {
    /// zlib's number, for example -4 when there is no memory.
    public let code: Int32

    /// The number in words.
    public var description: String { "zlib reported \(code)" }
}

extension MemcachedCompression {
    /// zlib with php-memcached's threshold and factor.
    public static var zlib: MemcachedCompression { MemcachedCompression(MemcachedZlibAlgorithm()) }
}
