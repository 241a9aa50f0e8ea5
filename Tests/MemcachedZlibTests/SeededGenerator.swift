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

    /// Words of a small vocabulary, with some bytes between that are of none.
    mutating func text(_ count: Int) -> [UInt8] {
        let words = ["memcached", "value", "the ", "flags", "of", "\r\n", "0123456789", "compress"]
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += words[below(words.count)].utf8
            if below(4) == 0 { bytes.append(UInt8(truncatingIfNeeded: next())) }
        }
        return Array(bytes.prefix(count))
    }

    /// The bytes with one to four faults, the stream's checksum not mended.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<(1 + below(4)) {
            let position = below(result.count)
            switch below(5) {
            case 0 where !result.isEmpty: result[position] ^= 1 << UInt8(below(8))
            case 1 where !result.isEmpty: result[position] = UInt8(truncatingIfNeeded: next())
            case 2 where !result.isEmpty: result.remove(at: position)
            case 3: result.removeLast(below(result.count / 8))
            default: result.append(UInt8(truncatingIfNeeded: next()))
            }
        }
        return result
    }
}
