/// A random number generator that gives the same numbers for the same seed on every platform and in every run.
///
/// The algorithm is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014). It
/// is not fit for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts a sequence.
    /// - Parameter seed: What decides the whole sequence.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next number of the sequence.
    /// - Returns: 64 random bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Makes the generator of a part, such as one connection, so that what happens in other parts does not change it.
    /// - Parameter part: The number of the part.
    /// - Returns: A generator whose sequence depends on the present state of this one and the number only.
    public func derived(_ part: UInt64) -> SeededGenerator {
        var other = SeededGenerator(seed: state ^ (part &* 0xd134_2543_de82_ef95))
        return SeededGenerator(seed: other.next())
    }

    /// A random duration to the microsecond, both ends included.
    mutating func duration(in range: ClosedRange<Duration>) -> Duration {
        let microseconds = (range.upperBound - range.lowerBound) / .microseconds(1)
        guard microseconds >= 1, microseconds < 1e18 else { return range.lowerBound }
        return range.lowerBound + .microseconds(Int64.random(in: 0...Int64(microseconds), using: &self))
    }
}
