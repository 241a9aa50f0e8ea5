/// A small random generator (SplitMix64) whose sequence depends on its seed only, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}

/// Keys of any bytes and of 1 to 250 of them.
func randomKeys(_ count: Int, seed: UInt64) -> [[UInt8]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count)
        .map { _ in
            (0..<Int.random(in: 1...250, using: &generator))
                .map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
}
