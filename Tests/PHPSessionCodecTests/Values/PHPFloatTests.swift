import PHPSessionCodec
import Testing

/// Floats in PHP's text.
///
/// The pairs were printed by PHP 8.2 with `serialize_precision = -1`.
@Suite struct PHPFloatTests {
    @Test(
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"),
            (100, "100"), (1e15, "1000000000000000"), (1e16, "10000000000000000"), (1e17, "1.0E+17"),
            (123_456_789_012_345_680, "1.2345678901234568E+17"),
            (0.0001, "0.0001"), (0.00001, "1.0E-5"), (0.000015, "1.5E-5"), (1e22, "1.0E+22"), (1.5e300, "1.5E+300"),
            (.leastNonzeroMagnitude, "5.0E-324"), (1.7976931348623157e308, "1.7976931348623157E+308"),
            (2.2250738585072014e-308, "2.2250738585072014E-308"),
            (Double.infinity, "INF"), (-Double.infinity, "-INF"), (Double.nan, "NAN"),
            (9_007_199_254_740_992, "9007199254740992"),
        ] as [(Double, String)]
    )
    func `a float has PHP's shortest text`(value: Double, text: String) throws {
        #expect(PHPFloat(value).text == text)
        #expect(try PHPValue(value).encoded(as: .serialize) == Array("d:\(text);".utf8))
    }

    @Test func `a text of PHP with another precision is kept, and so is any other`() throws {
        for text in ["0.10000000000000001", "9.9999999999999995E-8", ".5", "+5.", "1e3", "007", "0.50", "1E400"] {
            let bytes = Array("d:\(text);".utf8)
            #expect(try PHPValue(decoding: bytes, format: .serialize).encoded(as: .serialize) == bytes)
        }
    }

    @Test func `JSON gets a number that JSON allows`() throws {
        let texts = [
            "0.10000000000000001": "0.10000000000000001", ".5": "0.5", "5.": "5.0", "1e3": "1000.0", "007": "7.0",
            "1.0E+25": "1.0e+25", "-0": "-0.0", "+1": "1.0", "1.5E-7": "1.5e-7",
        ]
        for (text, expected) in texts {
            #expect(try PHPValue(decoding: Array("d:\(text);".utf8), format: .serialize).plainJSON() == expected)
        }
    }

    @Test func `floats are equal by their bits`() throws {
        let long = try PHPValue(decoding: Array("d:0.10000000000000001;".utf8), format: .serialize)
        #expect(long == PHPValue(0.1))
        #expect(PHPValue(0.0) != PHPValue(-0.0))
        #expect(PHPValue(Double.nan) == PHPValue(Double.nan))
        #expect(PHPValue(1.0) != PHPValue(1))
    }
}
