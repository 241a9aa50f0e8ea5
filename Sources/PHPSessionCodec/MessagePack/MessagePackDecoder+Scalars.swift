extension MessagePackDecoder {
    /// A value that is no container, by the type byte that was read.
    mutating func readScalar(_ type: UInt8) throws(PHPSessionCodecError) -> ValueGraph.Node {
        switch type {
        case 0x00..<MessagePackType.fixedMap: return .int(Int(type))
        case 0xe0...0xff: return .int(Int(Int8(bitPattern: type)))
        case MessagePackType.fixedString..<MessagePackType.nil: return try readText(Int(type & 0x1f))
        case MessagePackType.nil: return .null
        case MessagePackType.false: return .bool(false)
        case MessagePackType.true: return .bool(true)
        case MessagePackType.float32:
            let bits = UInt32(truncatingIfNeeded: try cursor.readBigEndian(4))
            return .float(PHPFloat(Double(Float(bitPattern: bits))))
        case MessagePackType.float64:
            return .float(PHPFloat(Double(bitPattern: try cursor.readBigEndian(8))))
        case MessagePackType.unsigned..<MessagePackType.signed:
            return try readUnsigned(1 << Int(type - MessagePackType.unsigned))
        case MessagePackType.signed..<(MessagePackType.signed + 4):
            return try readSigned(1 << Int(type - MessagePackType.signed))
        case MessagePackType.string..<(MessagePackType.string + 3):
            return try readText(try readLength(type - MessagePackType.string))
        case MessagePackType.binary..<(MessagePackType.binary + 3):
            return try readText(try readLength(type - MessagePackType.binary))
        case 0xc7...0xc9, 0xd4...0xd8:
            throw PHPSessionCodecError(.unsupported, at: cursor.offset - 1, "PHP reads extension types as null")
        default:
            throw PHPSessionCodecError(.malformed, at: cursor.offset - 1, "unknown type of value")
        }
    }

    private mutating func readLength(_ width: UInt8) throws(PHPSessionCodecError) -> Int {
        Int(try cursor.readBigEndian(1 << Int(width)))
    }

    private mutating func readText(_ count: Int) throws(PHPSessionCodecError) -> ValueGraph.Node {
        .string(try cursor.readString(count))
    }

    /// An unsigned integer; like the extension, one too large for PHP's int becomes a string of its digits.
    private mutating func readUnsigned(_ width: Int) throws(PHPSessionCodecError) -> ValueGraph.Node {
        let value = try cursor.readBigEndian(width)
        return Int(exactly: value).map { .int($0) } ?? .string(PHPString(String(value)))
    }

    private mutating func readSigned(_ width: Int) throws(PHPSessionCodecError) -> ValueGraph.Node {
        let unused = 64 - 8 * width
        let value = Int64(bitPattern: try cursor.readBigEndian(width) << UInt64(unused)) >> Int64(unused)
        return .int(Int(value))
    }
}
