extension PHPValue {
    /// Reads JSON as PHP's json_decode reads it into arrays: objects become arrays with keys, never PHP objects.
    ///
    /// Integers that do not fit PHP's int become floats. A name that comes twice has its last value at its first place.
    ///
    /// - Parameters:
    ///   - plainJSON: The JSON text in UTF-8.
    ///   - limits: How large and deep it may be.
    /// - Throws: ``PHPSessionCodecError`` with the offset at which the text is wrong.
    public init(
        plainJSON: some Sequence<UInt8>,
        limits: PHPSessionLimits = .standard
    ) throws(PHPSessionCodecError) {
        var reader = try JSONReader(Array(plainJSON), limits: limits)
        self = try reader.read()
    }
}

/// Reads JSON (RFC 8259) into a graph, from a list of open containers, never by recursion.
struct JSONReader {
    private var cursor: ByteCursor
    private var rooted = RootedGraph(roots: [.null])
    private var frames: [Frame] = []
    private var budget: ValueBudget
    private let maximumDepth: Int

    private struct Frame {
        let index: Int
        let isObject: Bool
    }

    init(_ bytes: [UInt8], limits: PHPSessionLimits) throws(PHPSessionCodecError) {
        cursor = try ByteCursor(bytes, limits: limits)
        budget = ValueBudget(limits)
        maximumDepth = limits.maximumDepth
    }

    mutating func read() throws(PHPSessionCodecError) -> PHPValue {
        skipSpace()
        try readNode(into: .root(0))
        while let frame = frames.last {
            skipSpace()
            let isFirst = rooted.graph.arrays[frame.index].members.count == 0
            if cursor.next == UInt8(ascii: frame.isObject ? "}" : "]") {
                _ = try cursor.readByte()
                frames.removeLast()
                continue
            }
            if !isFirst {
                try cursor.expect(UInt8(ascii: ","), "expected ',' or the end of a container")
                skipSpace()
            }
            let key = frame.isObject ? try readName() : .int(rooted.graph.arrays[frame.index].members.count)
            try readNode(into: rooted.place(key, in: .array(frame.index)))
        }
        skipSpace()
        guard cursor.isAtEnd else { throw cursor.malformed("more behind the value") }
        return PHPValue(rooted.graph, rooted[.root(0)])
    }

    private mutating func skipSpace() {
        while let byte = cursor.next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { cursor.skip() }
    }

    private mutating func readName() throws(PHPSessionCodecError) -> PHPKey {
        let name = try readString()
        skipSpace()
        try cursor.expect(UInt8(ascii: ":"), "expected ':' behind a name")
        skipSpace()
        return PHPKey.string(name).normalized
    }

    private mutating func readNode(into location: Location) throws(PHPSessionCodecError) {
        try budget.spend(at: cursor.offset)
        guard let byte = cursor.next else { throw cursor.endOfInput() }
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard frames.count <= maximumDepth else {
                throw PHPSessionCodecError(.tooDeep, at: cursor.offset, "containers nested deeper than maximumDepth")
            }
            _ = try cursor.readByte()
            let index = rooted.graph.addArray()
            rooted[location] = .array(index)
            frames.append(Frame(index: index, isObject: byte == UInt8(ascii: "{")))
        case UInt8(ascii: "\""): rooted[location] = .string(try readString())
        case UInt8(ascii: "t"): rooted[location] = try readWord("true", .bool(true))
        case UInt8(ascii: "f"): rooted[location] = try readWord("false", .bool(false))
        case UInt8(ascii: "n"): rooted[location] = try readWord("null", .null)
        default: rooted[location] = try readNumber()
        }
    }

    private mutating func readWord(
        _ word: String,
        _ node: ValueGraph.Node
    ) throws(PHPSessionCodecError) -> ValueGraph.Node {
        for byte in word.utf8 { try cursor.expect(byte, "expected a value") }
        return node
    }

    private mutating func readNumber() throws(PHPSessionCodecError) -> ValueGraph.Node {
        let start = cursor.offset
        if cursor.next == UInt8(ascii: "-") { cursor.skip() }
        let isZero = cursor.next == UInt8(ascii: "0")
        let digits = skipDigits()
        guard digits > 0, !isZero || digits == 1 else { throw cursor.malformed("expected a value") }
        var isFloat = false
        if cursor.next == UInt8(ascii: ".") {
            isFloat = true
            cursor.skip()
            guard skipDigits() > 0 else { throw cursor.malformed("expected digits behind '.'") }
        }
        if cursor.next == UInt8(ascii: "e") || cursor.next == UInt8(ascii: "E") {
            isFloat = true
            cursor.skip()
            if cursor.next == UInt8(ascii: "+") || cursor.next == UInt8(ascii: "-") { cursor.skip() }
            guard skipDigits() > 0 else { throw cursor.malformed("expected digits in the exponent") }
        }
        let text = String(decoding: cursor.bytes[start..<cursor.offset], as: UTF8.self)
        if !isFloat, let number = Int(text) { return .int(number) }
        guard let number = Double(text) else { throw cursor.malformed("expected a number") }
        return .float(PHPFloat(number))
    }

    private mutating func skipDigits() -> Int {
        let start = cursor.offset
        while let byte = cursor.next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { cursor.skip() }
        return cursor.offset - start
    }

    private mutating func readString() throws(PHPSessionCodecError) -> PHPString {
        try cursor.expect(UInt8(ascii: "\""), "expected a string")
        let start = cursor.offset
        var bytes: [UInt8] = []
        while true {
            let byte = try cursor.readByte()
            switch byte {
            case UInt8(ascii: "\""):
                let string = PHPString(bytes: bytes)
                guard string.text != nil else {
                    throw PHPSessionCodecError(.malformed, at: start, "expected a string in UTF-8")
                }
                return string
            case UInt8(ascii: "\\"): try readEscape(into: &bytes)
            case 0..<0x20: throw cursor.malformed("a control character in a string")
            default: bytes.append(byte)
            }
        }
    }

    private mutating func readEscape(into bytes: inout [UInt8]) throws(PHPSessionCodecError) {
        switch try cursor.readByte() {
        case UInt8(ascii: "\""): bytes.append(UInt8(ascii: "\""))
        case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "/"))
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0c)
        case UInt8(ascii: "n"): bytes.append(0x0a)
        case UInt8(ascii: "r"): bytes.append(0x0d)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var code = try readCodeUnit()
            if code & 0xfc00 == 0xd800 {
                try cursor.expect(UInt8(ascii: "\\"), "expected the second half of a surrogate pair")
                try cursor.expect(UInt8(ascii: "u"), "expected the second half of a surrogate pair")
                let low = try readCodeUnit()
                guard low & 0xfc00 == 0xdc00 else { throw cursor.malformed("half of a surrogate pair") }
                code = 0x10000 + (code & 0x3ff) << 10 + low & 0x3ff
            }
            guard let scalar = Unicode.Scalar(code) else { throw cursor.malformed("half of a surrogate pair") }
            bytes.append(contentsOf: String(Character(scalar)).utf8)
        default: throw cursor.malformed("unknown escape in a string")
        }
    }

    private mutating func readCodeUnit() throws(PHPSessionCodecError) -> UInt32 {
        let digits = String(decoding: try cursor.read(4), as: UTF8.self)
        // An integer may have a sign, a code unit may not.
        guard digits.allSatisfy(\.isHexDigit), let value = UInt32(digits, radix: 16) else {
            throw cursor.malformed("expected four hexadecimal digits")
        }
        return value
    }
}
