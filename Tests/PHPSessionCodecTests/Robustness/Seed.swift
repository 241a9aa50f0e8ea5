import Foundation

/// What the random tests begin with.
enum Seed {
    /// A seed of this run, or the one that `PHP_SESSION_CODEC_SEED` names: with it the tests do again what they did.
    ///
    /// - Parameters:
    ///   - what: Whose it is, to be printed with it.
    ///   - usual: What to begin with in every run, where the test compares with another program, not all of whose odd
    ///     corners are known.
    /// - Returns: The seed, which has been printed.
    static func taken(for what: String, usually usual: UInt64? = nil) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["PHP_SESSION_CODEC_SEED"].flatMap { UInt64($0) }
        let seed = given ?? usual ?? .random(in: 0...UInt64(UInt32.max))
        print("PHP_SESSION_CODEC_SEED=\(seed) \(what)")
        return seed
    }
}
