import PHPSessionCodec
import Testing

/// The friendly face of a session, and what it refuses to write.
@Suite struct SessionTests {
    @Test func `a path leads through arrays, objects and references`() throws {
        let text =
            #"cart|a:1:{s:5:"items";a:2:{i:0;s:5:"apple";i:7;s:4:"pear";}}"#
            + "user|O:4:\"User\":3:{s:2:\"id\";i:7;s:7:\"\0*\0name\";s:3:\"Ann\";s:9:\"\0User\0pin\";i:1;}alias|R:1;"
        let session = try PHPSession(decoding: Array(text.utf8), format: .php)
        #expect(session["cart", "items", 0]?.text == "apple")
        #expect(session["cart", "items", "7"]?.text == "pear")
        #expect(session["alias", "items", 0]?.text == "apple")
        #expect(session["user", "name"]?.text == "Ann")
        #expect(session["user", "pin"]?.intValue == 1)
        #expect(session["user"]?.object?.className == "User")
        #expect(session["cart", "missing", 0] == nil)
        #expect(session["cart", "items", 0, 0] == nil)
        #expect(session["none"] == nil)
        #expect(session.names == ["cart", "user", "alias"])
        #expect(session.count == 3)
    }

    @Test func `missing steps become arrays and scalars in the way are errors`() throws {
        var session = PHPSession(format: .php)
        #expect(session.isEmpty)
        try session.set(2, at: "a", "b", 0)
        #expect(try session.encodedAndReadByPHP() == Array(#"a|a:1:{s:1:"b";a:1:{i:0;i:2;}}"#.utf8))
        let error = try #require(throws: PHPSessionCodecError.self) { try session.set(1, at: "a", "b", 0, "c") }
        #expect(error.code == .notAContainer)
        #expect(session["a", "b", 0]?.intValue == 2)
        #expect(throws: PHPSessionCodecError.self) { try session.set(1) }
        session["null"] = .null
        try session.set("x", at: "null", "y")
        #expect(session["null", "y"]?.text == "x")
        #expect(try session.remove(at: "a", "b"))
        #expect(session["a"]?.array?.isEmpty == true)
        #expect(throws: PHPSessionCodecError.self) { try session.remove(at: "null", "y", "z") }
        session.removeAll()
        #expect(session.isEmpty)
    }

    @Test func `assigning to a path makes what is missing, and nil removes`() throws {
        var session = try PHPSession(decoding: Array("n|N;s|i:1;".utf8), format: .php)
        session["cart", "items", 0] = "pear"
        session["cart", "items", 1] = ["sku": 7]
        session["cart", "items", 1, "sku"] = 8
        session["n", "x"] = true
        #expect(session["cart", "items", 0]?.text == "pear")
        let cart = #"cart|a:1:{s:5:"items";a:2:{i:0;s:4:"pear";i:1;a:1:{s:3:"sku";i:8;}}}"#
        #expect(try session.encodedAndReadByPHP() == Array((#"n|a:1:{s:1:"x";b:1;}s|i:1;"# + cart).utf8))
        session["cart", "items", 1] = nil
        session["cart", "none", 1] = nil
        session["n"] = nil
        // A scalar is not replaced by an array behind anybody's back.
        session["s", "x"] = 1
        session["s", "x"] = nil
        let rest = #"s|i:1;cart|a:1:{s:5:"items";a:1:{i:0;s:4:"pear";}}"#
        #expect(try session.encodedAndReadByPHP() == Array(rest.utf8))
    }

    @Test func `an object takes new properties only if it is a stdClass`() throws {
        var session = try PHPSession(decoding: Array(#"s|O:8:"stdClass":0:{}u|O:4:"User":0:{}"#.utf8), format: .php)
        try session.set(1, at: "s", "new")
        #expect(throws: PHPSessionCodecError.self) { try session.set(1, at: "u", "new") }
        #expect(
            try session.encodedAndReadByPHP() == Array(#"s|O:8:"stdClass":1:{s:3:"new";i:1;}u|O:4:"User":0:{}"#.utf8)
        )
    }

    @Test func `names that PHP would drop or choke on are refused`() throws {
        func code(_ name: PHPKey, _ format: PHPSessionFormat) -> PHPSessionCodecError.Code? {
            let session = PHPSession(PHPArray(pairs: [(name, PHPValue(1))]), format: format)
            let result = Result { () throws(PHPSessionCodecError) in try session.encoded() }
            if case .failure(let error) = result { return error.code }
            return nil
        }
        #expect(code("a|b", .php) == .refusedName)
        #expect(code("a|b", .phpBinary) == nil)
        let long = PHPKey(String(repeating: "k", count: 128))
        #expect(code(long, .phpBinary) == .refusedName)
        #expect(code(long, .php) == nil)
        #expect(code(PHPKey(String(repeating: "k", count: 127)), .phpBinary) == nil)
        for format in PHPSessionFormat.allCases {
            #expect(code(5, format) == (format == .phpSerialize ? nil : .refusedName))
            #expect(code("5", format) == (format == .phpSerialize ? nil : .refusedName))
            #expect(code("05", format) == nil)
            #expect(code("", format) == nil)
        }
    }

    @Test func `a name that looks like a number is kept where PHP wrote it so`() throws {
        let bytes = Array("5|i:1;x|i:2;".utf8)
        var session = try PHPSession(decoding: bytes, format: .php)
        #expect(session["5"]?.intValue == 1)
        session["x"] = 3
        // PHP keeps it too, but no PHP code can reach a member "5" of $_SESSION, the script of the tests neither.
        #expect(try session.encoded() == Array("5|i:1;x|i:3;".utf8))
    }

    @Test func `integer names of binary formats are left out, as PHP leaves them out`() throws {
        let igbinary: [UInt8] = [0, 0, 0, 2, 0x14, 2, 0x11, 1, 0x61, 6, 1, 6, 5, 6, 2]
        #expect(try PHPSession(decoding: igbinary, format: .igbinary).names == ["a"])
        let msgpack: [UInt8] = [0x83, 0xc0, 1, 0xa1, 0x61, 1, 5, 2]
        #expect(try PHPSession(decoding: msgpack, format: .msgpack).names == ["a"])
    }

    @Test func `a root that is no array is kept, and only php_serialize holds it`() throws {
        for text in [#"s:3:"abc";"#, "b:0;", #"O:8:"stdClass":1:{s:1:"x";i:1;}"#] {
            var session = try PHPSession(decoding: Array(text.utf8), format: .phpSerialize)
            #expect(try session.encoded() == Array(text.utf8))
            #expect(throws: PHPSessionCodecError.self) { try session.encoded(as: .php) }
            session["y"] = 2
            #expect(try session.encodedAndReadByPHP() == Array(#"a:1:{s:1:"y";i:2;}"#.utf8))
        }
        #expect(try PHPSession(decoding: Array("N;".utf8), format: .phpSerialize).isEmpty)
    }

    @Test func `an empty value is an empty session in every format`() throws {
        for format in PHPSessionFormat.allCases {
            let session = try PHPSession(decoding: [], format: format)
            #expect(session.isEmpty)
            #expect(!session.isChanged)
            #expect(try session.encoded().isEmpty)
            #expect(PHPSession(format: format).isChanged)
        }
        #expect(try PHPSession(format: .php).encodedAndReadByPHP() == [])
        #expect(try PHPSession(format: .phpBinary).encodedAndReadByPHP() == [])
        #expect(try PHPSession(format: .phpSerialize).encodedAndReadByPHP() == Array("a:0:{}".utf8))
        #expect(try PHPSession(format: .igbinary).encodedAndReadByPHP() == [0, 0, 0, 2, 0x14, 0])
        #expect(try PHPSession(format: .msgpack).encodedAndReadByPHP() == [0x90])
    }

    @Test func `nothing that is printed holds data`() throws {
        let session = try PHPSession(decoding: Array(#"name|s:6:"secret";"#.utf8), format: .php)
        let value = try session["name"].orThrow("no name")
        #expect("\(session) \(value) \(PHPKey("secret")) \(PHPString("secret"))".contains("secret") == false)
        let error = try #require(throws: PHPSessionCodecError.self) {
            try PHPSession(decoding: Array(#"name|s:9:"secret";"#.utf8), format: .php)
        }
        #expect(error.description.contains("secret") == false)
        #expect(error.description.contains("byte 18"))
    }

    @Test func `an error says at which byte the data is wrong`() throws {
        func offset(_ text: String, _ format: PHPSessionFormat = .php) -> Int? {
            let result = Result { () throws(PHPSessionCodecError) in
                try PHPSession(decoding: Array(text.utf8), format: format)
            }
            if case .failure(let error) = result { return error.offset }
            return nil
        }
        #expect(offset("a|i:1;b|i:x;") == 10)
        #expect(offset("a|i:1;b") == 6)
        #expect(offset("a|q:1;") == 2)
        #expect(offset(#"a|s:2:"abc";"#) == 9)
        #expect(offset("a:1:{i:0;}", .phpSerialize) == 9)
    }
}
