/// A generator whose sequence is its seed's: SplitMix64 (Steele, Lea and Flood, 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

    /// Bytes with repetitions near and far, runs, and parts that do not repeat.
    mutating func compressibleBytes(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < count {
            switch below(4) {
            case 0:
                result += (0...below(60)).map { _ in UInt8(truncatingIfNeeded: next()) }
            case 1:
                result += [UInt8](repeating: UInt8(below(256)), count: 1 + below(700))
            case 2 where !result.isEmpty:
                let start = below(result.count)
                result += result[start..<min(result.count, start + 1 + below(500))]
            default:
                let start = max(0, result.count - 1 - below(300))
                result += result[start..<min(result.count, start + 1 + below(40))]
            }
        }
        return Array(result.prefix(count))
    }
}
