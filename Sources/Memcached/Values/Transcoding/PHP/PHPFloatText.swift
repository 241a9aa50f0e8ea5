/// A floating-point number as php-memcached writes it: `.1`, `-1.5`, `1e+15`, `1e-07`, `Infinity`.
///
/// The digits are the shortest that give the same number. They stand with an exponent of at least two digits where the
/// point is more than four places left of the first digit or more than five right of the last; otherwise without, and
/// without a zero before the point.
///
/// Source: observed on php-memcached 3.2.0, whose `g_fmt.c` is David Gay's with one constant of its own.
enum PHPFloatText {
    static func text(of number: DecimalText) -> String {
        let sign = number.isNegative ? "-" : ""
        switch number.magnitude {
        case .notANumber: return "NaN"
        case .infinity: return sign + "Infinity"
        case .finite(let digits, let pointPosition):
            let text = String(decoding: digits, as: UTF8.self)
            if pointPosition <= -4 || pointPosition > digits.count + 5 {
                return sign + scientific(text, exponent: pointPosition - 1)
            }
            return sign + positional(text, pointPosition: pointPosition)
        }
    }

    private static func scientific(_ digits: String, exponent: Int) -> String {
        let fraction = digits.dropFirst()
        let magnitude = String(exponent.magnitude)
        return digits.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + (exponent < 0 ? "e-" : "e+")
            + (magnitude.count < 2 ? "0" : "") + magnitude
    }

    private static func positional(_ digits: String, pointPosition: Int) -> String {
        if pointPosition <= 0 {
            return "." + String(repeating: "0", count: -pointPosition) + digits
        }
        if pointPosition >= digits.count {
            return digits + String(repeating: "0", count: pointPosition - digits.count)
        }
        return digits.prefix(pointPosition) + "." + digits.dropFirst(pointPosition)
    }
}
