import Memcached
import MemcachedZlib
import NIOCore
import Testing

@Suite struct PHPTranscoderTests {
    private let transcoder = MemcachedPHPTranscoder()

    private func payload(_ text: String, _ flags: UInt32) -> MemcachedPayload {
        MemcachedPayload(bytes: ByteBuffer(string: text), flags: flags)
    }

    @Test func `each kind of value has its type number`() throws {
        #expect(try transcoder.encode("text") == payload("text", 0))
        #expect(try transcoder.encode(ByteBuffer(string: "bytes")) == payload("bytes", 0))
        #expect(try transcoder.encode(UInt8(5)) == payload("5", 1))
        #expect(try transcoder.encode(Int64.min) == payload("-9223372036854775808", 1))
        #expect(try transcoder.encode(1.0) == payload("1", 2))
        #expect(try transcoder.encode(Float(0.1)) == payload(".1", 2))
        #expect(try transcoder.encode(true) == payload("1", 3))
        #expect(try transcoder.encode(false) == payload("", 3))
        #expect(try transcoder.encode([1, 2]) == payload("[1,2]", 6))
        #expect(try transcoder.encode(Colour.red) == payload(#""red""#, 6))
        #expect(try transcoder.encode(Int?.none) == payload("null", 6))
    }

    @Test func `the user's flags stand in the upper half`() throws {
        let transcoder: any MemcachedTranscoder = .phpMemcached(compression: .fastLZ, userFlags: 0xABCD)
        #expect(try transcoder.payload(of: "s").flags == 0xABCD_0000)
        #expect(try transcoder.payload(of: 1).flags == 0xABCD_0001)
        let text = String(repeating: "x", count: 2_000)
        #expect(try transcoder.payload(of: text).flags == 0xABCD_0050)
        #expect(try transcoder.value(String.self, of: transcoder.payload(of: text)) == text)
    }

    @Test func `an integer that PHP has no room for is refused`() {
        let error = failure { () throws(MemcachedError) in try transcoder.encode(UInt64(1) << 63) }
        #expect(error?.code == .encodingFailed)
    }

    @Test func `integers and floats are read as each other where nothing is lost`() throws {
        #expect(try transcoder.decode(Double.self, from: payload("5", 1)) == 5)
        #expect(try transcoder.decode(Int.self, from: payload("5", 2)) == 5)
        #expect(try transcoder.decode(Int.self, from: payload("1e+06", 2)) == 1_000_000)
        #expect(try transcoder.decode(Float?.self, from: payload(".5", 2)) == 0.5)
        for error in [
            failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: payload("1.5", 2)) },
            failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: payload("1e+19", 2)) },
            failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: payload("Infinity", 2)) },
            failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: payload("NaN", 2)) },
            failure { () throws(MemcachedError) in try transcoder.decode(UInt8.self, from: payload("-1", 2)) },
        ] {
            #expect(error?.code == .decodingFailed)
        }
    }

    @Test func `a string is read as the number of a counter, or as JSON`() throws {
        #expect(try transcoder.decode(Int.self, from: payload("12  ", 0)) == 12)
        #expect(try transcoder.decode(Int.self, from: payload("12  ", 1)) == 12)
        #expect(try transcoder.decode(Double.self, from: payload("1.5", 0)) == 1.5)
        #expect(try transcoder.decode([Int].self, from: payload("[1,2]", 0)) == [1, 2])
        #expect(try transcoder.decode([Int]?.self, from: payload("null", 0)) == nil)
    }

    @Test func `JSON is read as whatever it is`() throws {
        #expect(try transcoder.decode(String.self, from: payload(#""a""#, 6)) == "a")
        #expect(try transcoder.decode(Int?.self, from: payload("null", 6)) == nil)
        #expect(try transcoder.decode(Int?.self, from: payload("5", 6)) == 5)
        #expect(try transcoder.decode([UInt8].self, from: payload("[1,2]", 6)) == [1, 2])
    }

    @Test func `a type that was not asked for is refused by its name`() {
        for (error, name) in [
            (
                failure { () throws(MemcachedError) in try transcoder.decode(String.self, from: payload("5", 1)) },
                "integer"
            ),
            (
                failure { () throws(MemcachedError) in try transcoder.decode([UInt8].self, from: payload("5", 2)) },
                "float"
            ),
            (
                failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: payload("1", 3)) },
                "boolean"
            ),
            (
                failure { () throws(MemcachedError) in try transcoder.decode(Bool.self, from: payload("1", 1)) },
                "integer"
            ),
            (
                failure { () throws(MemcachedError) in try transcoder.decode(Bool.self, from: payload("1", 0)) },
                "string"
            ),
            (
                failure { () throws(MemcachedError) in try transcoder.decode(User.self, from: payload("1", 1)) },
                "integer"
            ),
        ] {
            #expect(error?.code == .decodingFailed)
            #expect(error?.detail.contains("PHP \(name)") == true)
        }
    }

    @Test func `NaN is read with the sign that PHP writes and does not read`() throws {
        #expect(try transcoder.decode(Double.self, from: payload("-NaN", 2)).isNaN)
        #expect(try transcoder.encode(-Double.nan) == payload("NaN", 2))
    }

    @Test func `of all flags only those that PHP knows are read`() async {
        // The bits of an algorithm mean nothing without the one that says that there is compression.
        let plain: Set<UInt32> = [0x00, 0x20, 0x40, 0x60, 0x80, 0xA0, 0xC0, 0xE0]
        for flags in 0...UInt32(UInt16.max) {
            if flags % 512 == 0 { await Task.yield() }
            let readable = flags & 0xF < 3 && plain.contains(flags & 0xFFF0)
            let error = failure { () throws(MemcachedError) in
                try transcoder.decode(Int.self, from: payload("5", flags))
            }
            let isAsExpected = readable || flags & ~0xE0 == 6 ? error == nil : error?.code == .decodingFailed
            if !isAsExpected { Issue.record("flags 0x\(String(flags, radix: 16))") }
        }
    }

    @Test func `the formats of PHP go through the serializer for them`() throws {
        let igbinary = StubSerializer(.igbinary, giving: ByteBuffer(string: "binary"))
        let transcoder = MemcachedPHPTranscoder(serializer: igbinary, deserializers: [StubSerializer(.php)])
        #expect(try transcoder.encode([1]) == payload("binary", 5))
        #expect(try transcoder.encode(Int?.none) == payload("binary", 5))
        #expect(try transcoder.encode("text") == payload("text", 0))
        #expect(try transcoder.decode(String.self, from: payload("binary", 5)) == "deserialised")
        #expect(try transcoder.decode(String.self, from: payload("a:0:{}", 4)) == "deserialised")
        #expect(try transcoder.decode([Int].self, from: payload("[1]", 6)) == [1])
        let error = failure { () throws(MemcachedError) in try transcoder.decode(Int.self, from: payload("\u{1}", 7)) }
        #expect(error?.detail.contains("msgpack") == true)
    }
}
