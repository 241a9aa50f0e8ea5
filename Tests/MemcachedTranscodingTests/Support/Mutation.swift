extension SeededGenerator {
    /// The bytes with one to eight faults: changed, lost, doubled or foreign bytes, an early end.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<(1 + below(8)) {
            let position = below(result.count)
            switch below(7) {
            case 0 where !result.isEmpty: result[position] = byte()
            case 1 where !result.isEmpty: result[position] ^= 1 << UInt8(below(8))
            case 2 where !result.isEmpty: result[position] = [0x00, 0x1F, 0x20, 0xE0, 0xFF][below(5)]
            case 3 where !result.isEmpty: result.remove(at: position)
            case 4: result.insert(byte(), at: position)
            case 5: result.removeLast(below(result.count / 4))
            case 6 where !result.isEmpty: result += result[position..<min(result.count, position + below(20))]
            default: result.append(byte())
            }
        }
        return result
    }
}
