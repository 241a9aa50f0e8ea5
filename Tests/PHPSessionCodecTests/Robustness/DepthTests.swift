import PHPSessionCodec
import Testing

/// Deep nesting costs neither stack nor more time than its bytes.
@Suite struct DepthTests {
    private static let depth = 4_096

    /// A session with one variable of that many nested arrays.
    private static func nested(_ depth: Int, inner: String = "N;") -> [UInt8] {
        let text =
            "a|" + String(repeating: "a:1:{i:0;", count: depth) + inner + String(repeating: "}", count: depth)
        return Array(text.utf8)
    }

    @Test func `4,096 levels are read, compared, converted and written on a small stack`() async throws {
        let bytes = Self.nested(Self.depth)
        try await onSmallStack {
            let session = try PHPSession(decoding: bytes, format: .php)
            let variables = try session.root.array.orThrow("no array")
            #expect(try PHPSession(variables, format: .php).encoded() == bytes)
            let igbinary = try session.encoded(as: .igbinary)
            #expect(try PHPSession(decoding: igbinary, format: .igbinary).root == session.root)
            let tree = try session.root.typedJSON()
            #expect(try PHPValue(typedJSON: tree.utf8) == session.root)
            let json = try session.root.plainJSON()
            #expect(
                json == #"{"a":"# + String(repeating: "[", count: 4_096) + "null" + String(repeating: "]", count: 4_096)
                    + "}"
            )
            var deep = PHPSessionLimits.standard
            deep.maximumDepth = 4_097
            #expect(try PHPValue(plainJSON: json.utf8, limits: deep) == session.root)
            var copy = session
            copy["b"] = session["a"]
            #expect(copy["b"] == session["a"])
        }
    }

    @Test func `objects within objects are no different`() async throws {
        let head = String(repeating: #"O:8:"stdClass":1:{s:1:"p";"#, count: Self.depth)
        let bytes = Array(("a|" + head + "i:1;" + String(repeating: "}", count: Self.depth)).utf8)
        try await onSmallStack {
            let session = try PHPSession(decoding: bytes, format: .php)
            let variables = try session.root.array.orThrow("no array")
            #expect(try PHPSession(variables, format: .php).encoded() == bytes)
            let igbinary = try session.encoded(as: .igbinary)
            #expect(try PHPSession(decoding: igbinary, format: .igbinary).root == session.root)
            let tree = try session.root.typedJSON()
            #expect(try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects) == session.root)
        }
    }

    @Test func `one level more than PHP reads is refused`() {
        #expect(throws: PHPSessionCodecError.self) {
            try PHPSession(decoding: Self.nested(Self.depth + 1), format: .php)
        }
        // An empty array takes no level, as in PHP.
        #expect(throws: Never.self) {
            try PHPSession(decoding: Self.nested(Self.depth, inner: "a:0:{}"), format: .php)
        }
        #expect(throws: PHPSessionCodecError.self) {
            try PHPSession(decoding: Self.nested(Self.depth, inner: #"O:8:"stdClass":0:{}"#), format: .php)
        }
    }

    @Test func `a value too deep for PHP to read is not written`() throws {
        var limits = PHPSessionLimits.standard
        limits.maximumDepth = 5_000
        let deep = try PHPSession(decoding: Self.nested(4_500), format: .php, limits: limits)
        let session = PHPSession(try deep.root.array.orThrow("no array"), format: .php)
        #expect(throws: PHPSessionCodecError.self) { try session.encoded() }
        // The outer array of php_serialize is a level, too.
        let fitting = try PHPSession(decoding: Self.nested(Self.depth), format: .php)
        #expect(throws: PHPSessionCodecError.self) { try fitting.encoded(as: .phpSerialize) }
    }

    @Test func `msgpack holds the 1,024 levels that PHP's extension reads`() throws {
        let fits = try PHPSession(decoding: Self.nested(1_023), format: .php)
        let bytes = try fits.encoded(as: .msgpack)
        #expect(try PHPSession(decoding: bytes, format: .msgpack).root == fits.root)
        let tooDeep = try PHPSession(decoding: Self.nested(1_024), format: .php)
        #expect(throws: PHPSessionCodecError.self) { try tooDeep.encoded(as: .msgpack) }
    }

    @Test func `a hundred thousand open containers are an error in every format`() async throws {
        let count = 100_000
        let inputs: [(PHPSessionFormat, [UInt8])] = [
            (.php, Array(("a|" + String(repeating: "a:1:{i:0;", count: count)).utf8)),
            (.phpBinary, Array(("\u{1}a" + String(repeating: "a:1:{i:0;", count: count)).utf8)),
            (.phpSerialize, Array(String(repeating: "a:1:{i:0;", count: count).utf8)),
            (.igbinary, [0, 0, 0, 2] + Array(repeating: [0x14, 1, 6, 0], count: count).joined()),
            (.msgpack, Array(repeating: 0x91, count: count)),
        ]
        for (format, bytes) in inputs {
            try await onSmallStack {
                _ = #expect(throws: PHPSessionCodecError.self) { try PHPSession(decoding: bytes, format: format) }
            }
        }
    }

    @Test func `deep JSON is an error or is read, and never a crash`() async throws {
        let open = Array(repeating: UInt8(ascii: "["), count: 200_000)
        try await onSmallStack {
            #expect(throws: PHPSessionCodecError.self) { try PHPValue(plainJSON: open) }
            #expect(throws: PHPSessionCodecError.self) { try PHPValue(typedJSON: open) }
        }
    }
}
