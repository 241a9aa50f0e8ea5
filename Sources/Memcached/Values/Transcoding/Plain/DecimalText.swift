/// The binary floating-point types that have a shortest decimal text.
protocol DecimalNumber: BinaryFloatingPoint & LosslessStringConvertible {}

extension Double: DecimalNumber {}
extension Float: DecimalNumber {}

/// A floating-point number as the shortest decimal digits that give the same number when read back.
///
/// The digits are those of Swift's `description` (SwiftDtoa); David Gay's `dtoa` in mode 0 gives the same.
struct DecimalText: Hashable {
    enum Magnitude: Hashable {
        case infinity
        case notANumber
        /// `0.d₁d₂d₃… × 10^pointPosition` without a zero at either end; zero is the digit "0" at position 1.
        case finite(digits: [UInt8], pointPosition: Int)
    }

    var isNegative: Bool
    var magnitude: Magnitude
    /// The number as Swift writes it.
    var description: String

    init(_ number: some DecimalNumber) {
        description = number.description
        isNegative = number.sign == .minus
        if number.isNaN {
            magnitude = .notANumber
        } else if number.isInfinite {
            magnitude = .infinity
        } else {
            magnitude = Self.digits(of: description.utf8)
        }
    }

    private static func digits(of text: String.UTF8View) -> Magnitude {
        let parts = text.split(separator: UInt8(ascii: "e"), maxSplits: 1)
        let exponent = parts.count == 2 ? Int(Substring(parts[1])) ?? 0 : 0
        let mantissa = (parts.first ?? text[...])
            .split(
                separator: UInt8(ascii: "."),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
        let whole = mantissa.first.map { $0.filter(isDigit) } ?? []
        let digits = whole + (mantissa.count == 2 ? Array(mantissa[1]) : [])
        let significant = digits.drop { $0 == UInt8(ascii: "0") }
        guard let last = significant.lastIndex(where: { $0 != UInt8(ascii: "0") }) else {
            return .finite(digits: [UInt8(ascii: "0")], pointPosition: 1)
        }
        let leadingZeros = digits.count - significant.count
        return .finite(digits: Array(significant[...last]), pointPosition: whole.count - leadingZeros + exponent)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

extension DecimalText {
    /// What came of reading a number.
    enum Reading<Value> {
        case value(Value)
        case outOfRange
        case notANumber
    }

    /// Reads an integer: a sign, decimal digits, blanks around them.
    static func integer<Integer: FixedWidthInteger>(
        _ bytes: some BidirectionalCollection<UInt8>,
        as type: Integer.Type
    ) -> Reading<Integer> {
        let text = withoutBlanks(bytes)
        let digits = text.drop(while: isSign)
        guard !digits.isEmpty, text.count - digits.count <= 1, digits.allSatisfy(isDigit) else { return .notANumber }
        guard let value = Integer(String(decoding: text, as: UTF8.self)) else { return .outOfRange }
        return .value(value)
    }

    /// Reads a number as ``finite(_:as:)`` does; or infinity or "not a number" as they are commonly written.
    static func number<Number: DecimalNumber>(
        _ bytes: some BidirectionalCollection<UInt8>,
        as type: Number.Type
    ) -> Reading<Number> {
        switch String(decoding: withoutBlanks(bytes), as: UTF8.self).lowercased() {
        case "inf", "infinity", "+inf", "+infinity": .value(.infinity)
        case "-inf", "-infinity": .value(-.infinity)
        case "nan", "+nan", "-nan": .value(.nan)
        default: finite(bytes, as: type)
        }
    }

    /// Reads a finite number: a sign, digits with or without a point, an exponent, blanks around it.
    static func finite<Number: DecimalNumber>(
        _ bytes: some BidirectionalCollection<UInt8>,
        as type: Number.Type
    ) -> Reading<Number> {
        let text = withoutBlanks(bytes)
        // `Double("0x1p3")` and `Double("nan(1)")` are numbers to Swift alone.
        let isDecimal = text.allSatisfy { isDigit($0) || isSign($0) || ".eE".utf8.contains($0) }
        guard isDecimal, text.contains(where: isDigit), let value = Number(String(decoding: text, as: UTF8.self)) else {
            return .notANumber
        }
        return value.isFinite ? .value(value) : .outOfRange
    }

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    }

    private static func withoutBlanks<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> [UInt8] {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        var text = bytes.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return Array(text)
    }
}
