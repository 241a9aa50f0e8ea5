import Memcached
import NIOCore
import Testing

/// The text of floats, beyond what the fixtures hold.
///
/// The expected texts are those that php-memcached 3.2.0 stored; `MemcachedTranscodingIntegrationTests` compares with
/// it at run time.
@Suite struct PHPFloatTextTests {
    @Test(arguments: [
        (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (10.0, "10"), (100_000.0, "100000"), (1_000_000.0, "1e+06"),
        (1_234_567.0, "1234567"), (12_345_000_000.0, "1.2345e+10"), (12_300_000.0, "12300000"), (0.001, ".001"),
        (0.0001, ".0001"), (0.000_01, "1e-05"), (0.000_12, ".00012"), (0.000_012, "1.2e-05"), (123.456, "123.456"),
        (-2.5e-300, "-2.5e-300"), (.leastNonzeroMagnitude, "5e-324"),
        (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        (9_007_199_254_740_993.0, "9007199254740992"), (.infinity, "Infinity"), (-.infinity, "-Infinity"),
        (.nan, "NaN"),
    ])
    func `a float is written as php-memcached writes it`(number: Double, text: String) throws {
        let payload = try MemcachedPHPTranscoder().encode(number)
        #expect(String(buffer: payload.bytes) == text)
        #expect(payload.flags == 2)
    }

    @Test func `a float is read back bit by bit`() async throws {
        let transcoder = MemcachedPHPTranscoder()
        var generator = SeededGenerator(seed: 0x5EED_0002)
        for exponent in -1_074...1_023 {
            if exponent % 100 == 0 { await Task.yield() }
            let power = Double(sign: .plus, exponent: exponent, significand: 1)
            for number in [power, power.nextUp, power.nextDown, -power, Double(bitPattern: generator.next())]
            where number.isFinite {
                let read = try transcoder.decode(Double.self, from: transcoder.encode(number))
                #expect(read.bitPattern == number.bitPattern)
            }
        }
    }
}
