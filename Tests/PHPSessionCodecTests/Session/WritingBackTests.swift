import PHPSessionCodec
import Testing

/// Writing back one changed variable leaves the others as they were, byte for byte.
@Suite struct WritingBackTests {
    private static func session(_ text: String, _ format: PHPSessionFormat = .php) throws -> PHPSession {
        try PHPSession(decoding: Array(text.utf8), format: format)
    }

    private static func text(_ session: PHPSession) throws -> String {
        String(decoding: try session.encodedAndReadByPHP(), as: UTF8.self)
    }

    /// Spellings that PHP reads but does not write: signs, zeros, escapes, odd floats, repeated and integer keys,
    /// payloads of unknown classes.
    private static let odd = [
        "i:+007;", "d:.50;", "d:1e3;", #"S:3:"a\62c";"#, #"s:03:"abc";"#, "a:2:{i:0;i:1;i:0;i:2;}",
        #"a:1:{s:1:"5";N;}"#,
        #"C:7:"Unknown":3:{a|b}"#, #"O:7:"Unknown":+1:{i:5;i:1;}"#, "i:99999999999999999999;", "d:0.10000000000000001;",
    ]

    @Test func `a new variable is added behind bytes that stay`() throws {
        for value in Self.odd {
            let text = "a|\(value)b|\(value)"
            var session = try Self.session(text)
            session["c"] = 1
            #expect(try Self.text(session) == text + "c|i:1;")
        }
    }

    @Test func `a changed variable changes alone`() throws {
        for value in Self.odd {
            var session = try Self.session("a|\(value)b|i:1;c|\(value)")
            session["b"] = "new"
            #expect(session.isChanged)
            #expect(try Self.text(session) == #"a|\#(value)b|s:3:"new";c|\#(value)"#)
        }
    }

    @Test func `a removed variable goes alone`() throws {
        for value in Self.odd {
            var session = try Self.session("a|\(value)b|i:1;c|\(value)")
            session["b"] = nil
            #expect(try Self.text(session) == "a|\(value)c|\(value)")
            #expect(try session.remove(at: "b") == false)
        }
    }

    @Test func `the same holds for php_binary and php_serialize`() throws {
        for value in Self.odd {
            // PHP ignores the highest bit of the length of a name.
            let high = [0x81, UInt8(ascii: "a")] + Array(value.utf8)
            var binary = try PHPSession(
                decoding: high + [1, UInt8(ascii: "b")] + Array("i:1;".utf8),
                format: .phpBinary
            )
            binary["b"] = 2
            #expect(try binary.encodedAndReadByPHP() == high + [1, UInt8(ascii: "b")] + Array("i:2;".utf8))
            var serialized = try Self.session(#"a:2:{s:1:"a";\#(value)s:01:"b";i:1;}"#, .phpSerialize)
            serialized["c"] = 2
            #expect(try Self.text(serialized) == #"a:3:{s:1:"a";\#(value)s:01:"b";i:1;s:1:"c";i:2;}"#)
            serialized["b"] = nil
            #expect(try Self.text(serialized) == #"a:2:{s:1:"a";\#(value)s:1:"c";i:2;}"#)
        }
    }

    @Test(arguments: try SessionRow.stored())
    func `a variable added to a stored session leaves the rest`(row: SessionRow) throws {
        var session = try row.session()
        session["zz_new"] = [1, 2]
        // What PHP's msgpack extension cannot read back, such as enumerations, is the only thing refused.
        guard let written = try? session.encoded() else { return #expect(row.handler == "msgpack") }
        switch try row.format {
        case .php: #expect(written == row.bytes + Array("zz_new|a:2:{i:0;i:1;i:1;i:2;}".utf8))
        case .phpBinary: #expect(written == row.bytes + [6] + Array("zz_newa:2:{i:0;i:1;i:1;i:2;}".utf8))
        case .phpSerialize:
            let members = row.bytes.drop { $0 != UInt8(ascii: "{") }.dropFirst().dropLast()
            let count = try row.session().count + 1
            let end = #"s:6:"zz_new";a:2:{i:0;i:1;i:1;i:2;}}"#
            #expect(written == Array("a:\(count):{".utf8) + members + Array(end.utf8))
        case .igbinary, .msgpack: break
        }
        var read = try PHPSession(decoding: written, format: row.format)
        #expect(read["zz_new", 1]?.intValue == 2)
        read["zz_new"] = nil
        #expect(read.root == (try row.session().root))
    }

    @Test func `an array that contains itself can be set to itself`() throws {
        var session = try Self.session(#"v|a:1:{s:4:"self";R:1;}"#)
        session["v"] = session["v"]
        // The copy is a value that holds a reference to its like.
        #expect(try Self.text(session) == #"v|a:1:{s:4:"self";a:1:{s:4:"self";R:2;}}"#)
        #expect(try session.root.typedJSON().contains("ref_id"))
    }

    // MARK: - References across variables

    @Test func `numbers of references move with their targets`() throws {
        var session = try Self.session(#"a|i:1;b|a:1:{i:0;i:5;}c|R:3;d|O:8:"stdClass":0:{}e|r:4;"#)
        session["a"] = [1, 2, 3]
        #expect(
            try Self.text(session)
                == #"a|a:3:{i:0;i:1;i:1;i:2;i:2;i:3;}b|a:1:{i:0;i:5;}c|R:6;d|O:8:"stdClass":0:{}e|r:7;"#
        )
        session["a"] = nil
        #expect(try Self.text(session) == #"b|a:1:{i:0;i:5;}c|R:2;d|O:8:"stdClass":0:{}e|r:3;"#)
    }

    @Test func `what is shared outlives the variable it was written in`() throws {
        var session = try Self.session(#"a|O:8:"stdClass":1:{s:1:"n";i:1;}b|r:1;c|a:1:{i:0;R:2;}"#)
        session["a"] = nil
        #expect(try Self.text(session) == #"b|O:8:"stdClass":1:{s:1:"n";i:1;}c|a:1:{i:0;R:2;}"#)
        #expect(session["c", 0]?.intValue == 1)
    }

    @Test func `assigning to a reference changes all that refer to it, as in PHP`() throws {
        var session = try Self.session("a|i:1;b|R:1;c|a:1:{i:0;R:1;}")
        session["b"] = "x"
        #expect(session["a"]?.text == "x")
        #expect(session["c", 0]?.text == "x")
        #expect(try Self.text(session) == #"a|s:1:"x";b|R:1;c|a:1:{i:0;R:1;}"#)
    }

    @Test func `a change inside an object is seen wherever the object is`() throws {
        var session = try Self.session(#"a|O:8:"stdClass":1:{s:1:"n";i:1;}b|r:1;"#)
        try session.set(2, at: "b", "n")
        #expect(session["a", "n"]?.intValue == 2)
        #expect(try Self.text(session) == #"a|O:8:"stdClass":1:{s:1:"n";i:2;}b|r:1;"#)
    }

    @Test func `a copy of a variable is independent of it`() throws {
        var session = try Self.session(#"a|a:1:{i:0;i:1;}"#)
        session["b"] = session["a"]
        try session.set(2, at: "b", 0)
        #expect(session["a", 0]?.intValue == 1)
        #expect(try Self.text(session) == "a|a:1:{i:0;i:1;}b|a:1:{i:0;i:2;}")
    }

    @Test func `a thousand changes leave no trace of values that are gone`() throws {
        var session = try Self.session("keep|a:1:{i:0;i:+1;}")
        for round in 0..<20_000 { try session.set([PHPValue(round)], at: "list", .int(round % 10)) }
        #expect(session["list"]?.array?.count == 10)
        #expect(try Self.text(session).hasPrefix("keep|a:1:{i:0;i:+1;}list|a:10:{i:0;a:1:{i:0;i:19990;}"))
    }

    @Test func `the same bytes come back from setting what was there`() throws {
        for row in try SessionRow.stored([.php, .phpBinary, .phpSerialize]) {
            var session = try row.session()
            // What variables share is taken apart by copying.
            if try session.root.typedJSON().contains("same_as") || row.name.hasPrefix("ref_") { continue }
            for name in session.names { try session.set(try session[name].orThrow("gone"), at: name) }
            let variables = try session.root.array.orThrow("no array")
            #expect(try PHPSession(variables, format: row.format).encoded() == row.bytes, "\(row)")
        }
    }
}
