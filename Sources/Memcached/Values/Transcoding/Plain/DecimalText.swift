import NIOCore

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

    let isNegative: Bool
    let isFinite: Bool
    let isNaN: Bool
    /// The number as Swift writes it.
    let description: String

    init(_ number: some DecimalNumber) {
        isNegative = number.sign == .minus
        isFinite = number.isFinite
        isNaN = number.isNaN
        description = number.description
    }

    /// The number without its sign, taken apart.
    var magnitude: Magnitude {
        if isNaN { return .notANumber }
        return isFinite ? Self.digits(of: description.utf8) : .infinity
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
        _ bytes: ByteBufferView,
        as type: Integer.Type
    ) -> Reading<Integer> {
        var digits = withoutBlanks(bytes)
        let isNegative = digits.first == UInt8(ascii: "-")
        if let first = digits.first, isSign(first) { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return .notANumber }
        // Eighteen digits fit into 64 bits. The code for any type, which is not compiled for each, is several times as
        // slow.
        if digits.count <= 18 {
            let magnitude = digits.reduce(into: Int64(0)) { $0 = $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
            return Integer(exactly: isNegative ? -magnitude : magnitude).map { .value($0) } ?? .outOfRange
        }
        return long(digits, isNegative: isNegative)
    }

    private static func long<Integer: FixedWidthInteger>(
        _ digits: ByteBufferView,
        isNegative: Bool
    ) -> Reading<Integer> {
        var value: Integer = 0
        for byte in digits {
            let digit = Integer(truncatingIfNeeded: byte - UInt8(ascii: "0"))
            let shifted = value.multipliedReportingOverflow(by: 10)
            let next =
                isNegative
                ? shifted.partialValue.subtractingReportingOverflow(digit)
                : shifted.partialValue.addingReportingOverflow(digit)
            guard !shifted.overflow, !next.overflow else { return .outOfRange }
            value = next.partialValue
        }
        return .value(value)
    }

    /// Reads a number as ``finite(_:as:)`` does; or infinity or "not a number" as they are commonly written.
    static func number<Number: DecimalNumber>(
        _ bytes: ByteBufferView,
        as type: Number.Type
    ) -> Reading<Number> {
        let reading = finite(bytes, as: type)
        guard case .notANumber = reading else { return reading }
        switch String(decoding: withoutBlanks(bytes), as: UTF8.self).lowercased() {
        case "inf", "infinity", "+inf", "+infinity": return .value(.infinity)
        case "-inf", "-infinity": return .value(-.infinity)
        case "nan", "+nan", "-nan": return .value(.nan)
        default: return .notANumber
        }
    }

    /// Reads a finite number: a sign, digits with or without a point, an exponent, blanks around it.
    static func finite<Number: DecimalNumber>(
        _ bytes: ByteBufferView,
        as type: Number.Type
    ) -> Reading<Number> {
        let text = withoutBlanks(bytes)
        var hasDigits = false
        for byte in text {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): hasDigits = true
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"): break
            // `Double("0x1p3")` and `Double("nan(1)")` are numbers to Swift alone.
            default: return .notANumber
            }
        }
        guard hasDigits, let value = Number(String(decoding: text, as: UTF8.self)) else { return .notANumber }
        return value.isFinite ? .value(value) : .outOfRange
    }

    private static func isSign(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
    }

    private static func withoutBlanks(_ bytes: ByteBufferView) -> ByteBufferView {
        var text = bytes
        while let first = text.first, isBlank(first) { text = text.dropFirst() }
        while let last = text.last, isBlank(last) { text = text.dropLast() }
        return text
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
