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

/// Keys that PHP takes: half of them short and of ASCII, half of any length and any bytes but blanks and controls.
func sampleKeys(_ count: Int, seed: UInt64, longest: Int = 250) -> [[UInt8]] {
    var generator = SeededGenerator(seed: seed)
    let bytes = (0x21...UInt8.max).filter { $0 != 0x7F }
    return (0..<count)
        .map { number in
            if number.isMultiple(of: 2) {
                let user = Int.random(in: 0...99_999_999, using: &generator)
                return Array("user:\(user)".utf8)
            }
            return (0..<Int.random(in: 1...longest, using: &generator))
                .map { _ in bytes.randomElement(using: &generator) ?? 0x21 }
        }
}
