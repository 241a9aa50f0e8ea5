/// Numbers as memcached keeps them: as decimal text.
enum CounterText {
    /// Reads what C's `strtoull` reads at the beginning of the text, if a blank, a NUL or the end comes after it.
    ///
    /// Blanks before the number and a sign are allowed. A minus sign is refused where the result would be negative as
    /// a signed number; that is how memcached finds them.
    /// - Parameter text: A value.
    /// - Returns: Nil for what INCREMENT refuses.
    static func value(of text: [UInt8]) -> UInt64? {
        var rest = text.drop(while: isSpace)
        var isNegative = false
        if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
            isNegative = sign == UInt8(ascii: "-")
            rest = rest.dropFirst()
        }
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty, let magnitude = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        if let next = rest.dropFirst(digits.count).first, !isSpace(next), next != 0 { return nil }
        guard isNegative else { return magnitude }
        let value = 0 &- magnitude
        return Int64(bitPattern: value) < 0 ? nil : value
    }

    /// Writes a number over an older one.
    ///
    /// A shorter text is written in place and keeps the length, padded with blanks; a longer one gets its own.
    /// - Parameters:
    ///   - number: The number.
    ///   - old: The value that it replaces.
    /// - Returns: The new value.
    static func text(of number: UInt64, replacing old: [UInt8]) -> [UInt8] {
        let digits = Array(String(number).utf8)
        return digits + [UInt8](repeating: UInt8(ascii: " "), count: max(0, old.count - digits.count))
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte)
    }
}
