extension PHPFloat {
    /// The shortest text that reads back as the same double, in PHP's form.
    ///
    /// PHP (`smart_str_append_double`, main/snprintf.c) takes the shortest digits and writes them with an exponent
    /// where the decimal point would stand more than three places before the first digit or more than 17 behind it.
    /// The mantissa then always has a point, the exponent no padding: `1.0E-5`, `1.5E+25`.
    static func shortestText(of value: Double) -> String {
        if value.isNaN { return "NAN" }
        if value.isInfinite { return value < 0 ? "-INF" : "INF" }
        let sign = value.sign == .minus ? "-" : ""
        guard value != 0, let digits = Digits(Array(value.magnitude.description.utf8)) else { return sign + "0" }
        return sign + digits.text
    }

    /// The text as PHP's json_encode and var_export write it: a fraction is always there, the exponent has a small e.
    ///
    /// A text that PHP would not have written (`.5`, `007`, forty digits) gives way to the shortest one.
    var textWithFraction: String {
        var text = Self.shortestText(of: value)
        if let writtenText, value != 0, value.isFinite {
            let unsigned = writtenText.first == UInt8(ascii: "-") ? Array(writtenText.dropFirst()) : writtenText
            if let digits = Digits(unsigned), digits.count <= 17, digits.text.utf8.elementsEqual(unsigned) {
                text = String(decoding: writtenText, as: UTF8.self)
            }
        }
        guard value.isFinite, !text.utf8.contains(UInt8(ascii: ".")) else {
            return String(decoding: text.utf8.map { $0 == UInt8(ascii: "E") ? UInt8(ascii: "e") : $0 }, as: UTF8.self)
        }
        return text + ".0"
    }
}

/// The significant digits of a positive decimal number, and where its point stands, counted from before the first.
private struct Digits {
    private var digits: [UInt8]
    private var point: Int

    var count: Int { digits.count }

    /// Reads `12.5`, `1e-07` or `1.0E+25`; nil for anything else and for zero.
    init?(_ text: [UInt8]) {
        let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == 0x65 || $0 == 0x45 }
        guard let mantissa = parts.first else { return nil }
        var exponent = 0
        if parts.count > 1 {
            guard let number = Int(String(decoding: parts[1], as: UTF8.self)), abs(number) < 1_000 else { return nil }
            exponent = number
        }
        let whole = mantissa.prefix { $0 != UInt8(ascii: ".") }
        let all = whole + mantissa.dropFirst(whole.count + 1)
        guard !all.isEmpty, all.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
        let leadingZeros = all.prefix { $0 == UInt8(ascii: "0") }.count
        digits = Array(all.dropFirst(leadingZeros))
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.isEmpty { return nil }
        point = whole.count - leadingZeros + exponent
    }

    /// The number as PHP writes it.
    var text: String { point < -3 || point > 17 ? scientific : plain }

    private var scientific: String {
        let exponent = point - 1
        let rest = digits.count > 1 ? String(decoding: digits.dropFirst(), as: UTF8.self) : "0"
        let first = String(decoding: digits.prefix(1), as: UTF8.self)
        return "\(first).\(rest)E\(exponent < 0 ? "-" : "+")\(exponent.magnitude)"
    }

    private var plain: String {
        let text = String(decoding: digits, as: UTF8.self)
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + text }
        if digits.count <= point { return text + String(repeating: "0", count: point - digits.count) }
        return String(decoding: digits.prefix(point), as: UTF8.self) + "."
            + String(decoding: digits.dropFirst(point), as: UTF8.self)
    }
}
