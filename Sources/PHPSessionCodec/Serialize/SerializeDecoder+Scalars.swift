extension SerializeDecoder {
    /// Skips the letter of a type and the colon behind it.
    mutating func readTag() throws(PHPSessionCodecError) {
        _ = try cursor.readByte()
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind the type")
    }

    mutating func readBool() throws(PHPSessionCodecError) -> Bool {
        try readTag()
        let digit = try cursor.readByte()
        guard digit == UInt8(ascii: "0") || digit == UInt8(ascii: "1") else {
            throw cursor.malformed("expected 0 or 1 as bool")
        }
        try cursor.expect(UInt8(ascii: ";"), "expected ';' behind a bool")
        return digit == UInt8(ascii: "1")
    }

    mutating func readTaggedInteger() throws(PHPSessionCodecError) -> Int {
        try readTag()
        let value = try cursor.readInteger()
        try cursor.expect(UInt8(ascii: ";"), "expected ';' behind an integer")
        return value
    }

    mutating func readTaggedFloat() throws(PHPSessionCodecError) -> PHPFloat {
        try readTag()
        let value = try cursor.readFloat()
        try cursor.expect(UInt8(ascii: ";"), "expected ';' behind a float")
        return value
    }

    /// A string by its length, `s:5:"hello";`, or with `\xx` escapes that the length does not count, `S:5:"\68ello";`.
    mutating func readTaggedString(isEscaped: Bool) throws(PHPSessionCodecError) -> PHPString {
        try readTag()
        let count = try cursor.readLength()
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind the length of a string")
        try cursor.expect(UInt8(ascii: "\""), "expected '\"' in front of a string")
        let string = try isEscaped ? readEscaped(count) : cursor.readString(count)
        try cursor.expect(UInt8(ascii: "\""), "expected '\"' behind a string")
        try cursor.expect(UInt8(ascii: ";"), "expected ';' behind a string")
        return string
    }

    /// The class name of `O:8:"stdClass":` with all that stands around it.
    mutating func readClassName() throws(PHPSessionCodecError) -> PHPString {
        try readTag()
        let count = try cursor.readLength()
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind the length of a class name")
        try cursor.expect(UInt8(ascii: "\""), "expected '\"' in front of a class name")
        let name = try cursor.readString(count)
        guard name.isClassName, !name.isNeverUnserialized else {
            throw cursor.malformed("a class name that PHP does not accept")
        }
        try cursor.expect(UInt8(ascii: "\""), "expected '\"' behind a class name")
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind a class name")
        return name
    }

    private mutating func readEscaped(_ count: Int) throws(PHPSessionCodecError) -> PHPString {
        guard count <= cursor.remaining else { throw cursor.endOfInput() }
        var bytes: [UInt8] = []
        for _ in 0..<count {
            let byte = try cursor.readByte()
            if byte != UInt8(ascii: "\\") {
                bytes.append(byte)
                continue
            }
            var value: UInt8 = 0
            for _ in 0..<2 {
                guard let digit = Self.hexadecimalDigit(try cursor.readByte()) else {
                    throw cursor.malformed("expected two hexadecimal digits behind a backslash")
                }
                value = value << 4 | digit
            }
            bytes.append(value)
        }
        return PHPString(bytes: bytes)
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
