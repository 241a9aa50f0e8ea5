#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What PHP's `Memcached` class (php-memcached 3) writes and reads.
///
/// | Swift | PHP | type |
/// |---|---|---|
/// | `String`, `[UInt8]`, `ByteBuffer`, `Data` | string | 0 |
/// | integers up to 64 bits, signed | integer | 1 |
/// | `Double`, `Float` | float | 2 |
/// | `Bool` | boolean | 3 |
/// | any other `Codable`, and nil | array, object, null | 6 (JSON), or the one of ``serializer`` |
///
/// Reading goes by the type that the flags word holds. A type that is not asked for is an error, with these exceptions:
/// integers and floats are read as each other where nothing is lost; a string is read as a number where it is one, as
/// counters are, and as any other `Codable` where it is JSON. PHP gives JSON back as objects, or as arrays if its
/// serializer is `SERIALIZER_JSON_ARRAY`; it reads it whatever its serializer is.
///
/// Values that PHP encrypted (`setEncodingKey`) carry no mark and cannot be told from strings.
///
/// Get one with ``MemcachedTranscoder/phpMemcached(compression:algorithms:serializer:deserializers:userFlags:)``.
public struct MemcachedPHPTranscoder: MemcachedTranscoder {
    /// What is compressed on writing; nil for nothing.
    ///
    /// PHP's default is ``MemcachedCompression/fastLZ``.
    public var compression: MemcachedCompression?
    /// What is understood on reading besides FastLZ and the algorithm of ``compression``.
    public var algorithms: [any MemcachedCompressionAlgorithm]
    /// What writes values that are not strings, numbers or booleans; nil for JSON.
    ///
    /// It is used for reading too.
    public var serializer: (any MemcachedPHPSerializer)?
    /// What is understood on reading besides JSON and the format of ``serializer``.
    public var deserializers: [any MemcachedPHPSerializer]
    /// The upper 16 bits of the flags word, which php-memcached leaves to its users (`OPT_USER_FLAGS`).
    public var userFlags: UInt16
    /// How many bytes a decompressed value may have.
    ///
    /// More is refused before it is there, and not compressed on writing, because it could not be read back.
    public var decompressedByteLimit: Int
    /// Writes JSON.
    public var jsonEncoder: JSONEncoder
    /// Reads JSON.
    public var jsonDecoder: JSONDecoder

    /// Makes a transcoder.
    ///
    /// - Parameters:
    ///   - compression: What is compressed on writing; nil for nothing.
    ///   - algorithms: What is understood on reading besides FastLZ and the algorithm of `compression`.
    ///   - serializer: What writes values that are not strings, numbers or booleans; nil for JSON.
    ///   - deserializers: What is understood on reading besides JSON and the format of `serializer`.
    ///   - userFlags: The upper 16 bits of the flags word.
    ///   - decompressedByteLimit: How many bytes a decompressed value may have; 64 MiB unless said otherwise.
    ///   - jsonEncoder: Writes JSON. Do not change it afterwards.
    ///   - jsonDecoder: Reads JSON. Do not change it afterwards.
    public init(
        compression: MemcachedCompression? = nil,
        algorithms: [any MemcachedCompressionAlgorithm] = [],
        serializer: (any MemcachedPHPSerializer)? = nil,
        deserializers: [any MemcachedPHPSerializer] = [],
        userFlags: UInt16 = 0,
        decompressedByteLimit: Int = 64 << 20,
        jsonEncoder: JSONEncoder = JSONEncoder(),
        jsonDecoder: JSONDecoder = JSONDecoder()
    ) {
        self.compression = compression
        self.algorithms = algorithms
        self.serializer = serializer
        self.deserializers = deserializers
        self.userFlags = userFlags
        self.decompressedByteLimit = decompressedByteLimit
        self.jsonEncoder = jsonEncoder
        self.jsonDecoder = jsonDecoder
    }

    var json: JSONCoding { JSONCoding(encoder: jsonEncoder, decoder: jsonDecoder) }

    var compressedValue: CompressedValue {
        CompressedValue(compression: compression, algorithms: algorithms, byteLimit: decompressedByteLimit)
    }
}

extension MemcachedTranscoder where Self == MemcachedPHPTranscoder {
    /// What PHP's `Memcached` class writes and reads.
    ///
    /// - Parameters:
    ///   - compression: What is compressed on writing; nil for nothing. PHP's default is FastLZ.
    ///   - algorithms: What is understood on reading besides FastLZ and the algorithm of `compression`.
    ///   - serializer: What writes values that are not strings, numbers or booleans; nil for JSON.
    ///   - deserializers: What is understood on reading besides JSON and the format of `serializer`.
    ///   - userFlags: The upper 16 bits of the flags word.
    /// - Returns: The transcoder.
    public static func phpMemcached(
        compression: MemcachedCompression? = nil,
        algorithms: [any MemcachedCompressionAlgorithm] = [],
        serializer: (any MemcachedPHPSerializer)? = nil,
        deserializers: [any MemcachedPHPSerializer] = [],
        userFlags: UInt16 = 0
    ) -> MemcachedPHPTranscoder {
        MemcachedPHPTranscoder(
            compression: compression,
            algorithms: algorithms,
            serializer: serializer,
            deserializers: deserializers,
            userFlags: userFlags
        )
    }
}
