extension MessagePackEncoder {
    mutating func writeString(_ string: PHPString) throws(PHPSessionCodecError) {
        switch string.bytes.count {
        case 0..<32: try append([MessagePackType.fixedString | UInt8(truncatingIfNeeded: string.bytes.count)])
        case 0...0xff: try append([MessagePackType.string] + bigEndian(UInt64(string.bytes.count), 1))
        case 0...0xffff: try append([MessagePackType.string + 1] + bigEndian(UInt64(string.bytes.count), 2))
        case 0...0xffff_ffff: try append([MessagePackType.string + 2] + bigEndian(UInt64(string.bytes.count), 4))
        default: throw PHPSessionCodecError(.tooLarge, "a string of 4 GiB or more")
        }
        try append(string.bytes)
    }

    /// An integer in the fewest bytes; those above zero as unsigned ones.
    mutating func writeInteger(_ value: Int) throws(PHPSessionCodecError) {
        let bits = UInt64(bitPattern: Int64(value))
        switch value {
        case -32..<128: try append([UInt8(truncatingIfNeeded: value)])
        case 0...0xff: try append([MessagePackType.unsigned] + bigEndian(bits, 1))
        case 0...0xffff: try append([MessagePackType.unsigned + 1] + bigEndian(bits, 2))
        case 0...0xffff_ffff: try append([MessagePackType.unsigned + 2] + bigEndian(bits, 4))
        case 0...: try append([MessagePackType.unsigned + 3] + bigEndian(bits, 8))
        case -0x80..<0: try append([MessagePackType.signed] + bigEndian(bits, 1))
        case -0x8000..<0: try append([MessagePackType.signed + 1] + bigEndian(bits, 2))
        case -0x8000_0000..<0: try append([MessagePackType.signed + 2] + bigEndian(bits, 4))
        default: try append([MessagePackType.signed + 3] + bigEndian(bits, 8))
        }
    }

    /// The head of an array or map.
    mutating func writeCount(_ fixed: UInt8, _ family: UInt8, _ count: Int) throws(PHPSessionCodecError) {
        switch count {
        case 0..<16: try append([fixed | UInt8(truncatingIfNeeded: count)])
        case 0...0xffff: try append([family] + bigEndian(UInt64(count), 2))
        case 0...0xffff_ffff: try append([family + 1] + bigEndian(UInt64(count), 4))
        default: throw PHPSessionCodecError(.tooLarge, "a container of 4 Gi members or more")
        }
    }

    func bigEndian(_ value: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
