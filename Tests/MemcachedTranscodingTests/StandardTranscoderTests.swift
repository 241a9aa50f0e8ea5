import Foundation
import Memcached
import MemcachedZlib
import NIOCore
import Testing

@Suite struct StandardTranscoderTests {
    private let transcoder: any MemcachedTranscoder = .standard

    private func stored(_ value: some Encodable & Sendable) throws -> String {
        let payload = try transcoder.payload(of: value)
        #expect(payload.flags == 0)
        return String(buffer: payload.bytes)
    }

    private func read<Value: Decodable & Sendable>(
        _ text: String,
        as type: Value.Type,
        flags: UInt32 = 0
    ) throws(MemcachedError) -> Value {
        try transcoder.value(type, of: MemcachedPayload(bytes: ByteBuffer(string: text), flags: flags))
    }

    @Test func `text, numbers and bytes are stored as themselves`() throws {
        #expect(try stored("héllo") == "héllo")
        #expect(try stored("") == "")
        #expect(try stored([UInt8]("abc".utf8)) == "abc")
        #expect(try stored(ByteBuffer(string: "abc")) == "abc")
        #expect(try stored(Data("abc".utf8)) == "abc")
        #expect(try stored(-12) == "-12")
        #expect(try stored(UInt64.max) == "18446744073709551615")
        #expect(try stored(Int8.min) == "-128")
        #expect(try stored(UInt128.max) == "340282366920938463463374607431768211455")
        #expect(try stored(true) == "true")
        #expect(try stored(false) == "false")
        #expect(try stored(0.1) == "0.1")
        #expect(try stored(Float(0.1)) == "0.1")
        #expect(try stored(1e100) == "1e+100")
        #expect(try stored(-Double.infinity) == "-inf")
    }

    @Test func `bytes that are not text are stored as themselves`() throws {
        let bytes: [UInt8] = [0x00, 0xFF, 0x0A, 0x80]
        let payload = try transcoder.payload(of: bytes)
        #expect(payload == MemcachedPayload(bytes: ByteBuffer(bytes: bytes), flags: 0))
        #expect(try transcoder.value([UInt8].self, of: payload) == bytes)
        #expect(try transcoder.value(Data.self, of: payload) == Data(bytes))
        #expect(try transcoder.value(ByteBuffer.self, of: payload) == ByteBuffer(bytes: bytes))
    }

    @Test func `anything else is JSON`() throws {
        #expect(try stored([1, 2, 3]) == "[1,2,3]")
        #expect(try stored(Colour.red) == #""red""#)
        #expect(try stored(["k": "v"]) == #"{"k":"v"}"#)
        let payload = try transcoder.payload(of: User.sample)
        #expect(try transcoder.value(User.self, of: payload) == User.sample)
        #expect(try read(#""green""#, as: Colour.self) == .green)
    }

    @Test func `an optional is stored as what it holds and nil is refused`() throws {
        #expect(try stored(Int?(5)) == "5")
        #expect(try stored(String?("text")) == "text")
        #expect(try stored(Int??(5)) == "5")
        #expect(try stored([Int]?([1])) == "[1]")
        #expect(try read("5", as: Int?.self) == 5)
        #expect(try read("text", as: String??.self) == "text")
        #expect(try read("null", as: String?.self) == "null")
        #expect(try read("null", as: User?.self) == nil)
        for error in [
            failure { () throws(MemcachedError) in try transcoder.payload(of: Int?.none) },
            failure { () throws(MemcachedError) in try transcoder.payload(of: User?.none) },
            failure { () throws(MemcachedError) in try transcoder.payload(of: Int??.some(nil)) },
        ] {
            #expect(error?.code == .encodingFailed)
            #expect(error?.outcome == .notSent)
        }
    }

    @Test func `a counter that the server padded with blanks is a number`() throws {
        #expect(try read("9 ", as: Int.self) == 9)
        #expect(try read("99        ", as: UInt64.self) == 99)
        #expect(try read("-0", as: Int.self) == 0)
        #expect(try read("+7", as: UInt8.self) == 7)
        #expect(try read("18446744073709551615", as: UInt64.self) == .max)
        #expect(try read("1.5 ", as: Double.self) == 1.5)
    }

    @Test(arguments: ["", " ", "x", "1x", "1 2", "--1", "1.0", "0x10", "١", "+", "1e3", "\u{0}5"])
    func `what is no integer is refused`(text: String) {
        #expect(failure { () throws(MemcachedError) in try read(text, as: Int.self) }?.code == .decodingFailed)
    }

    @Test func `an integer that does not fit is refused`() {
        for error in [
            failure { () throws(MemcachedError) in try read("256", as: UInt8.self) },
            failure { () throws(MemcachedError) in try read("-1", as: UInt64.self) },
            failure { () throws(MemcachedError) in try read("9223372036854775808", as: Int64.self) },
        ] {
            #expect(error?.code == .decodingFailed)
            #expect(error?.detail.contains("does not fit") == true)
        }
    }

    @Test(arguments: ["", "x", "0x1p3", "nan(1)", "1e400", "1,5", "1.5.1", "e5", "--1", "1 5"])
    func `what is no number is refused`(text: String) {
        #expect(failure { () throws(MemcachedError) in try read(text, as: Double.self) }?.code == .decodingFailed)
    }

    @Test func `the usual names of infinity are read`() throws {
        for text in ["inf", "Infinity", "INF", "+inf"] { #expect(try read(text, as: Double.self) == .infinity) }
        for text in ["-inf", "-Infinity"] { #expect(try read(text, as: Float.self) == -.infinity) }
        for text in ["nan", "NaN"] { #expect(try read(text, as: Double.self).isNaN) }
    }

    @Test(arguments: ["", "1", "0", "TRUE", "yes", "true "])
    func `what is no boolean is refused`(text: String) {
        #expect(failure { () throws(MemcachedError) in try read(text, as: Bool.self) }?.code == .decodingFailed)
    }

    @Test func `bytes that are not UTF-8 are no text`() {
        let payload = MemcachedPayload(bytes: ByteBuffer(bytes: [0xC3, 0x28]))
        let error = failure { () throws(MemcachedError) in try transcoder.value(String.self, of: payload) }
        #expect(error?.code == .decodingFailed)
        #expect(error?.outcome == .rejected)
    }

    @Test(arguments: [1, 2, 0x10, 0x35, 0x70, 0x0001_0000, UInt32.max])
    func `a value with the flags of another client is refused unless they shall be ignored`(flags: UInt32) throws {
        let error = failure { () throws(MemcachedError) in try read("5", as: Int.self, flags: flags) }
        #expect(error?.code == .decodingFailed)
        #expect(error?.detail.contains("0x" + String(flags, radix: 16)) == true)
        let lenient = MemcachedStandardTranscoder(ignoresForeignFlags: true)
        #expect(try lenient.decode(Int.self, from: MemcachedPayload(bytes: ByteBuffer(string: "5"), flags: flags)) == 5)
    }

    @Test func `compressed values are what php-memcached reads, and numbers are never compressed`() throws {
        let text = String(repeating: "x", count: 5_000)
        for (compression, flags) in [(MemcachedCompression.fastLZ, UInt32(0x50)), (.zlib, 0x30)] {
            let transcoder = MemcachedStandardTranscoder.standard(compression: compression)
            let payload = try transcoder.encode(text)
            #expect(payload.flags == flags)
            #expect(payload.bytes.readableBytes < 200)
            #expect(try transcoder.decode(String.self, from: payload) == text)
            let php = MemcachedPHPTranscoder(algorithms: [MemcachedZlibAlgorithm()])
            #expect(try php.decode(String.self, from: payload) == text)
            #expect(try transcoder.encode(5).flags == 0)
            #expect(try transcoder.encode([Int](repeating: 1, count: 5_000)).flags == flags)
        }
        let eager = MemcachedStandardTranscoder(
            compression: MemcachedCompression(MemcachedFastLZAlgorithm(), threshold: 0, factor: 0)
        )
        #expect(try eager.encode(UInt128.max).flags == 0)
        #expect(try eager.encode(false).flags == 0)
        #expect(try eager.encode("short").flags == 0x50)
    }

    @Test func `random values come back as they were`() async throws {
        var generator = SeededGenerator(seed: 0x5EED_0001)
        for transcoder: any MemcachedTranscoder in [.standard, .standard(compression: .fastLZ), .phpMemcached()] {
            for number in 0..<2_000 {
                if number % 100 == 0 { await Task.yield() }
                try expectRoundTrip(Int64(bitPattern: generator.next()), transcoder)
                try expectRoundTrip(UInt32(truncatingIfNeeded: generator.next()), transcoder)
                try expectRoundTrip(generator.bytes(generator.below(40)), transcoder)
                let double = Double(bitPattern: generator.next())
                if !double.isNaN { try expectRoundTrip(double, transcoder) }
                let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
                if !float.isNaN { try expectRoundTrip(float, transcoder) }
                try expectRoundTrip(generator.below(2) == 0, transcoder)
                let scalars = (0..<generator.below(20))
                    .compactMap { _ in Unicode.Scalar(UInt32(generator.below(0x3000))) }
                try expectRoundTrip(String(String.UnicodeScalarView(scalars)), transcoder)
            }
        }
    }

    private func expectRoundTrip<Value: Codable & Equatable & Sendable>(
        _ value: Value,
        _ transcoder: any MemcachedTranscoder
    ) throws {
        #expect(try transcoder.value(Value.self, of: transcoder.payload(of: value)) == value)
    }
}
