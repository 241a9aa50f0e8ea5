import PHPSessionCodec
import Testing

/// Limits hold, and what is only declared costs nothing.
@Suite struct LimitTests {
    private static let limits = PHPSessionLimits(maximumBytes: 64, maximumDepth: 3, maximumValues: 10)

    private static func code(_ text: String, _ format: PHPSessionFormat = .php) throws -> PHPSessionCodecError.Code? {
        let bytes = Array(text.utf8)
        let result = Result { () throws(PHPSessionCodecError) in
            try PHPSession(decoding: bytes, format: format, limits: limits)
        }
        if case .failure(let error) = result { return error.code }
        return nil
    }

    @Test func `each limit has its error`() throws {
        #expect(try Self.code("a|i:1;") == nil)
        #expect(try Self.code(#"a|s:60:"\#(String(repeating: "x", count: 60))";"#) == .tooLarge)
        #expect(try Self.code("a|a:1:{i:0;a:1:{i:0;a:1:{i:0;i:1;}}}") == nil)
        #expect(try Self.code("a|a:1:{i:0;a:1:{i:0;a:1:{i:0;a:1:{i:0;i:1;}}}}") == .tooDeep)
        #expect(try Self.code(String(repeating: "|N;", count: 10)) == nil)
        #expect(try Self.code(String(repeating: "|N;", count: 11)) == .tooManyValues)
    }

    @Test func `limits hold for output, too`() throws {
        let long = PHPValue(String(repeating: "x", count: 100))
        for format in PHPSessionFormat.allCases {
            let session = PHPSession(["a": long], format: format, limits: Self.limits)
            let error = try #require(throws: PHPSessionCodecError.self) { try session.encoded() }
            #expect(error.code == .tooLarge)
            let many = PHPSession(
                ["a": PHPValue(Array(repeating: PHPValue(1), count: 20))],
                format: format,
                limits: Self.limits
            )
            let other = try #require(throws: PHPSessionCodecError.self) { try many.encoded() }
            #expect(other.code == .tooManyValues || other.code == .tooLarge)
        }
        let error = try #require(throws: PHPSessionCodecError.self) { try long.plainJSON(limits: Self.limits) }
        #expect(error.code == .tooLarge)
        let typed = try #require(throws: PHPSessionCodecError.self) { try long.typedJSON(limits: Self.limits) }
        #expect(typed.code == .tooLarge)
    }

    @Test(arguments: [
        "a|s:9223372036854775807:\"x\";", "a|a:1000000000:{i:0;i:1;}", "a|O:8:\"stdClass\":2000000000:{}",
        "a|O:9223372036854775807:\"x\":1:{}", "a|C:1:\"X\":9223372036854775807:{x}", "a|S:2000000000:\"x\";",
        "a|a:99999999999999999999999:{}", "a|E:4000000000:\"X:Y\";", "a|R:99999999999999999999;",
    ])
    func `a length that is only declared is an error`(text: String) {
        #expect(throws: PHPSessionCodecError.self) { try PHPSession(decoding: Array(text.utf8), format: .php) }
    }

    @Test(
        arguments: [
            [0, 0, 0, 2, 0x16, 0x7f, 0xff, 0xff, 0xff],
            [0, 0, 0, 2, 0x14, 1, 0x26, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 2, 0x14, 1, 0x13, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 2, 0x14, 1, 0x11, 1, 0x61, 0x03, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 2, 0x14, 1, 0x10, 0xff, 0xff, 0xff, 0xff],
            [0, 0, 0, 2, 0x14, 1, 0x11, 1, 0x61, 0x19, 0xff, 0xff, 0xff, 0xff],
        ] as [[UInt8]]
    )
    func `a length that is only declared is an error in igbinary`(bytes: [UInt8]) {
        #expect(throws: PHPSessionCodecError.self) { try PHPSession(decoding: bytes, format: .igbinary) }
    }

    @Test func `limits below zero refuse everything and trap nowhere`() {
        let none = PHPSessionLimits(maximumBytes: -1, maximumDepth: -1, maximumValues: -1)
        for format in PHPSessionFormat.allCases {
            #expect(throws: PHPSessionCodecError.self) {
                try PHPSession(decoding: [0x90], format: format, limits: none)
            }
            #expect(throws: PHPSessionCodecError.self) {
                try PHPSession(["a": 1], format: format, limits: none).encoded()
            }
        }
        let endless = PHPSessionLimits(maximumBytes: .max, maximumDepth: .max, maximumValues: .max)
        #expect(throws: Never.self) { try PHPValue(typedJSON: Array(#"{"t":"null"}"#.utf8), limits: endless) }
    }
}
