extension ByteCursor {
    private static func digit(_ byte: UInt8?) -> UInt64? {
        guard let byte, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        return UInt64(byte - UInt8(ascii: "0"))
    }

    /// One or more decimal digits as a length or count.
    ///
    /// PHP lets a length wrap around at 2⁶⁴; here a number that does not fit is longer than any input, hence an error.
    mutating func readLength() throws(PHPSessionCodecError) -> Int {
        let start = offset
        var value = 0
        while let digit = Self.digit(next) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowOfSum) = product.addingReportingOverflow(Int(digit))
            guard !overflow, !overflowOfSum else { throw malformed("the length is out of range") }
            value = sum
            _ = try readByte()
        }
        guard offset > start else {
            if isAtEnd { throw endOfInput() }
            throw malformed("expected a length in digits")
        }
        return value
    }

    /// An integer with an optional sign.
    ///
    /// Like PHP, one that does not fit becomes the nearest that does.
    ///
    /// - Parameter needsDigits: Where PHP's reader does not insist on digits (counts of objects), none count as 0.
    /// - Returns: The integer.
    /// - Throws: ``PHPSessionCodecError`` with the offset of what is malformed.
    mutating func readInteger(needsDigits: Bool = true) throws(PHPSessionCodecError) -> Int {
        let isNegative = next == UInt8(ascii: "-")
        if isNegative || next == UInt8(ascii: "+") { _ = try readByte() }
        let start = offset
        var value = 0
        var isSaturated = false
        while let digit = Self.digit(next) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowOfSum) = product.addingReportingOverflow(isNegative ? -Int(digit) : Int(digit))
            if overflow || overflowOfSum { isSaturated = true }
            if !isSaturated { value = sum }
            _ = try readByte()
        }
        guard offset > start || !needsDigits else {
            if isAtEnd { throw endOfInput() }
            throw malformed("expected an integer in digits")
        }
        return isSaturated ? (isNegative ? .min : .max) : value
    }

    /// A float in PHP's grammar, which is narrower than C's: `INF`, `-INF`, `NAN`, or decimal digits with a point and
    /// an exponent where at least one digit stands in front of the exponent and one behind it.
    mutating func readFloat() throws(PHPSessionCodecError) -> PHPFloat {
        for (text, value) in [("NAN", Double.nan), ("INF", Double.infinity), ("-INF", -Double.infinity)]
        where bytes[offset...].starts(with: text.utf8) {
            _ = try read(text.utf8.count)
            return PHPFloat(value)
        }
        let start = offset
        try skipSign()
        var digits = try skipDigits()
        if next == UInt8(ascii: ".") {
            _ = try readByte()
            digits += try skipDigits()
        }
        guard digits > 0 else { throw isAtEnd ? endOfInput() : malformed("expected a float in digits") }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            _ = try readByte()
            try skipSign()
            guard try skipDigits() > 0 else {
                throw isAtEnd ? endOfInput() : malformed("expected an exponent in digits")
            }
        }
        let text = Array(bytes[start..<offset])
        guard let value = Double(String(decoding: text, as: UTF8.self)) else { throw malformed("expected a float") }
        return PHPFloat(value, writtenAs: text)
    }

    private mutating func skipSign() throws(PHPSessionCodecError) {
        if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { _ = try readByte() }
    }

    private mutating func skipDigits() throws(PHPSessionCodecError) -> Int {
        let start = offset
        while Self.digit(next) != nil { _ = try readByte() }
        return offset - start
    }
}
