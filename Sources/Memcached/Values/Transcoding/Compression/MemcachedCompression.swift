/// When and how values are compressed.
///
/// Strings, bytes and JSON are compressed from a size on, and stored compressed if that pays. Numbers and booleans
/// never are, so counters keep working. php-memcached has the same two rules and the same numbers.
public struct MemcachedCompression: Sendable {
    /// What compresses.
    public var algorithm: any MemcachedCompressionAlgorithm
    /// The smallest value, in bytes, that is compressed.
    public var threshold: Int
    /// How many times as large as the compressed bytes the value must be to be stored compressed.
    public var factor: Double

    /// Makes a rule; without numbers php-memcached's.
    ///
    /// - Parameters:
    ///   - algorithm: What compresses.
    ///   - threshold: The smallest value, in bytes, that is compressed.
    ///   - factor: How many times as large as the compressed bytes the value must be to be stored compressed.
    public init(_ algorithm: any MemcachedCompressionAlgorithm, threshold: Int = 2_000, factor: Double = 1.3) {
        self.algorithm = algorithm
        self.threshold = threshold
        self.factor = factor
    }

    /// FastLZ with php-memcached's threshold and factor: fast, and php-memcached's own default.
    public static var fastLZ: MemcachedCompression { MemcachedCompression(MemcachedFastLZAlgorithm()) }
}
