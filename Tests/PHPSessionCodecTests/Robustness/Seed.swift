import Foundation

/// What the random tests begin with.
enum Seed {
    /// A seed of this run, or the one that `PHP_SESSION_CODEC_SEED` names: with it the tests do again what they did.
    ///
    /// - Parameter what: Whose it is, to be printed with it.
    /// - Returns: The seed, which has been printed.
    static func taken(for what: String) -> UInt64 {
        let given = ProcessInfo.processInfo.environment["PHP_SESSION_CODEC_SEED"].flatMap { UInt64($0) }
        let seed = given ?? .random(in: 0...UInt64(UInt32.max))
        print("PHP_SESSION_CODEC_SEED=\(seed) \(what)")
        return seed
    }
}
