/// How much input and structure is accepted before an error is thrown.
///
/// Memory grows with the bytes that are there, never with a length that is only declared. These limits bound the rest.
public struct PHPSessionLimits: Sendable, Hashable {
    /// The largest input and the largest output in bytes.
    public var maximumBytes: Int

    /// How deeply arrays and objects may nest; the array of all variables comes on top, but for `php_serialize`.
    ///
    /// The default, 4,096, is PHP's `unserialize_max_depth`: it refuses what is deeper.
    public var maximumDepth: Int

    /// How many values one operation may read, write or expand.
    ///
    /// References, repeated objects and shared arrays are counted each time they are followed, so a few hundred bytes
    /// that stand for billions of values cost no more than this.
    public var maximumValues: Int

    /// Limits for sessions: 64 MiB, PHP's 4,096 levels, about a million values.
    public static let standard = PHPSessionLimits()

    /// Creates limits.
    ///
    /// - Parameters:
    ///   - maximumBytes: The largest input and output in bytes.
    ///   - maximumDepth: How deeply arrays and objects may nest.
    ///   - maximumValues: How many values one operation may read, write or expand.
    public init(maximumBytes: Int = 64 << 20, maximumDepth: Int = 4_096, maximumValues: Int = 1 << 20) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
    }
}

/// Counts values down and stops at the limit.
struct ValueBudget {
    private(set) var remaining: Int

    init(_ limits: PHPSessionLimits) { remaining = limits.maximumValues }

    mutating func spend(at offset: Int? = nil) throws(PHPSessionCodecError) {
        guard remaining > 0 else {
            throw PHPSessionCodecError(.tooManyValues, at: offset, "more values than maximumValues")
        }
        remaining -= 1
    }
}
