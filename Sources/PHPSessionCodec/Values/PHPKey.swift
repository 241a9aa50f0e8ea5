/// A key of a PHP array: an integer or a string.
public enum PHPKey: Sendable, Hashable {
    /// An integer key.
    case int(Int)
    /// A string key.
    case string(PHPString)

    /// Creates the key that PHP would use for a text: `"5"` is the integer 5, `"05"` stays a string.
    ///
    /// - Parameter text: The text.
    public init(_ text: String) { self = PHPKey.string(PHPString(text)).normalized }

    /// The key as PHP stores it in an array.
    ///
    /// A string that is the canonical decimal text of a 64-bit integer becomes that integer.
    public var normalized: PHPKey {
        guard case .string(let name) = self, let number = name.canonicalInteger else { return self }
        return .int(number)
    }

    /// The key as text: the digits of an integer, or the string where it is UTF-8.
    public var text: String? {
        switch self {
        case .int(let number): String(number)
        case .string(let name): name.text
        }
    }

    /// The key as a string, an integer in decimal.
    var name: PHPString {
        switch self {
        case .int(let number): PHPString(String(number))
        case .string(let name): name
        }
    }

    /// The same key in its other form, for tables whose writer did not normalize: 5 for `"5"`, `"5"` for 5.
    var otherForm: PHPKey? {
        switch self {
        case .int(let number):
            return .string(PHPString(String(number)))
        case .string(let name):
            guard let number = name.canonicalInteger else { return nil }
            return .int(number)
        }
    }
}

extension PHPKey: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// Creates the key that PHP would use for a string literal.
    ///
    /// - Parameter value: The literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// Creates an integer key.
    ///
    /// - Parameter value: The literal.
    public init(integerLiteral value: Int) { self = .int(value) }
}

extension PHPKey: CustomStringConvertible {
    /// The form of the key without its content.
    public var description: String {
        switch self {
        case .int: "integer key"
        case .string(let name): "string key of \(name)"
        }
    }
}

extension PHPString {
    /// The integer that PHP makes of this string when it is an array key, or nil where it stays a string.
    ///
    /// Digits without leading zeros, an optional minus but no `-0`, within 64 bits
    /// (`ZEND_HANDLE_NUMERIC_STR` in PHP's Zend/zend_hash.h).
    var canonicalInteger: Int? {
        guard let first = bytes.first, bytes.count <= 20 else { return nil }
        let isNegative = first == UInt8(ascii: "-")
        let digits = bytes.dropFirst(isNegative ? 1 : 0)
        guard let leading = digits.first, leading >= UInt8(ascii: "0"), leading <= UInt8(ascii: "9") else { return nil }
        if leading == UInt8(ascii: "0") { return bytes.count == 1 ? 0 : nil }
        var value = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = Int(digit - UInt8(ascii: "0"))
            let (sum, overflowOfSum) = product.addingReportingOverflow(isNegative ? -step : step)
            guard !overflow, !overflowOfSum else { return nil }
            value = sum
        }
        return value
    }
}
