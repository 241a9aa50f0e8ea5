import PHPSessionCodec
import Testing

/// Values: what they hold, how they are built, changed and compared.
@Suite struct PHPValueTests {
    @Test func `literals make PHP's types`() throws {
        let value: PHPValue = ["null": nil, "list": [true, 1, 1.5, "é"], 5: [:], "6": 6, "06": 7]
        let expected =
            #"a:5:{s:4:"null";N;s:4:"list";a:4:{i:0;b:1;i:1;i:1;i:2;d:1.5;i:3;s:2:"é";}i:5;a:0:{}i:6;i:6;s:2:"06";i:7;}"#
        #expect(try value.encoded(as: .serialize) == Array(expected.utf8))
        #expect(value["list"]?.array?.isList == true)
        #expect(value.array?.isList == false)
        #expect(value["null"]?.isNull == true)
        #expect(value["list", 0]?.boolValue == true)
        #expect(value["list", 1]?.doubleValue == 1)
        #expect(value["list", 2]?.doubleValue == 1.5)
        #expect(value["list", 3]?.string?.bytes == [0xc3, 0xa9])
        #expect(value["list", 3]?.intValue == nil)
        #expect(value[6]?.intValue == 6)
        #expect(value.array?.keys == ["null", "list", 5, 6, "06"])
        #expect(value.array?.values.count == 5)
    }

    @Test func `content says what a value is`() throws {
        let values: [PHPValue] = [
            .null, true, 1, 1.5, "x", [], try .unsafeObject("User", properties: []),
            try .unsafeEnumCase("Suit", "Hearts"),
        ]
        let names = values.map { value in
            switch value.content {
            case .null: "null"
            case .bool: "bool"
            case .int: "int"
            case .float: "float"
            case .string: "string"
            case .array: "array"
            case .object: "object"
            case .enumCase(let enumCase): enumCase.name.text ?? ""
            }
        }
        #expect(names == ["null", "bool", "int", "float", "string", "array", "object", "Hearts"])
    }

    @Test func `arrays are changed like PHP's`() throws {
        var array: PHPArray = ["a": 1, 5: 2]
        try array.append("six")
        array["5"] = 3
        array["a"] = nil
        #expect(array.keys == [5, 6])
        #expect(array[5]?.intValue == 3)
        #expect(array.map(\.value.intValue) == [3, nil])
        var twice = PHPArray(pairs: [("k", 1), ("x", 2), ("k", 3)])
        #expect(twice.keys == ["k", "x"])
        #expect(twice["k"]?.intValue == 3)
        twice[.int(.max)] = 1
        #expect(throws: PHPSessionCodecError.self) { try twice.append(1) }
        #expect(PHPArray([1, 2, 3]).count == 3)
        #expect(PHPArray().isEmpty)
    }

    @Test func `a large array finds its keys after many changes`() throws {
        var array = PHPArray()
        for number in 0..<200 { array[PHPKey("key\(number)")] = PHPValue(number) }
        for number in stride(from: 0, to: 200, by: 2) { array[PHPKey("key\(number)")] = nil }
        for number in stride(from: 1, to: 200, by: 2) { #expect(array[PHPKey("key\(number)")]?.intValue == number) }
        #expect(array.count == 100)
        #expect(array["key0"] == nil)
    }

    @Test func `a value that is changed leaves its copies alone`() throws {
        let original: PHPValue = ["a": [1, 2]]
        var copy = original
        try copy.set("new", at: "a", 0)
        try copy.set([1], at: "b", "c")
        #expect(original == ["a": [1, 2]])
        #expect(copy == ["a": ["new", 2], "b": ["c": [1]]])
        #expect(try copy.remove(at: "b", "c", 0))
        #expect(try copy.remove(at: "b", "none") == false)
        #expect(copy["b", "c"]?.array?.isEmpty == true)
    }

    @Test func `a value is changed by path`() throws {
        var value: PHPValue = ["a": [1, 2]]
        value["a", 1] = "two"
        value["b", "c", 5] = 1.5
        value["a", 0] = nil
        value["a", 1, "in a string"] = 1
        #expect(value == ["a": [1: "two"], "b": ["c": [5: 1.5]]])
    }

    @Test func `objects are found wherever they stand`() throws {
        func holds(_ text: String) throws -> Bool {
            try PHPValue(decoding: Array(text.utf8), format: .serialize).holdsObjects
        }
        #expect(try holds(#"a:1:{i:0;a:1:{i:0;O:8:"stdClass":0:{}}}"#))
        #expect(try holds(#"E:11:"Suit:Hearts";"#))
        #expect(try holds(#"C:1:"A":1:{x}"#))
        #expect(try !holds(#"a:2:{i:0;a:0:{}i:1;s:1:"O";}"#))
        var session = try PHPSession(
            decoding: Array(#"o|O:8:"stdClass":0:{}a|a:1:{i:0;r:1;}b|i:1;"#.utf8),
            format: .php
        )
        #expect(session["a"]?.holdsObjects == true)
        #expect(session["b"]?.holdsObjects == false)
        session["a"] = [1]
        #expect(session["a"]?.holdsObjects == false)
    }

    @Test func `keys are normalized as PHP does`() {
        let integers = ["0": 0, "5": 5, "-5": -5, "9223372036854775807": Int.max, "-9223372036854775808": Int.min]
        for (text, number) in integers { #expect(PHPKey(text) == .int(number)) }
        let strings = [
            "", "05", "-0", "+5", " 5", "5 ", "5.0", "1e3", "9223372036854775808", "-9223372036854775809", "-", "é",
        ]
        for text in strings { #expect(PHPKey(text) == .string(PHPString(text))) }
        #expect(PHPKey("5").text == "5")
        #expect(PHPKey.string(PHPString(bytes: [0xff])).text == nil)
    }

    @Test func `objects show their properties with visibility`() throws {
        let text = "O:5:\"Child\":4:{s:1:\"r\";i:1;s:4:\"\0*\0q\";i:2;s:7:\"\0Base\0p\";i:3;s:3:\"\0\0x\";i:4;}"
        let object = try PHPValue(decoding: Array(text.utf8), format: .serialize).object.orThrow("no object")
        #expect(object.className == "Child")
        #expect(object.payload == nil)
        #expect(object.properties.map(\.name.text) == ["r", "q", "p", "\0\0x"])
        #expect(
            object.properties.map(\.visibility) == [.public, .protected, .private(declaringClass: "Base"), .public]
        )
        #expect(object["p"]?.intValue == 3)
        #expect(object["none"] == nil)
        let rebuilt = try PHPValue.unsafeObject("Child", properties: object.properties)
        #expect(try rebuilt.encoded(as: .serialize) == Array(text.utf8))
        let payload = try PHPValue.unsafeSerializable("Old", payload: "{1}")
        #expect(try payload.encoded(as: .serialize) == Array(#"C:3:"Old":3:{{1}}"#.utf8))
        #expect(payload.object?.payload == "{1}")
    }

    @Test(arguments: ["", "\\A", "a b", "a-b", "a\0", "a:b", "a\u{7f}"])
    func `a class name that PHP refuses is refused`(name: String) {
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeObject(PHPString(name), properties: []) }
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeSerializable(PHPString(name), payload: "") }
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeEnumCase(PHPString(name), "A") }
    }

    @Test func `equality follows meaning and sharing`() throws {
        func value(_ text: String) throws -> PHPValue { try PHPValue(decoding: Array(text.utf8), format: .serialize) }
        #expect(try value("a:1:{i:0;i:1;}") == [1])
        #expect(try value("a:2:{i:0;i:1;i:1;i:1;}") != value("a:2:{i:0;i:1;i:1;R:2;}"))
        #expect(try value("a:2:{i:0;i:1;i:1;R:2;}") == value("a:2:{i:0;i:+1;i:1;R:2;}"))
        let shared = #"a:2:{i:0;O:8:"stdClass":0:{}i:1;r:2;}"#
        let apart = #"a:2:{i:0;O:8:"stdClass":0:{}i:1;O:8:"stdClass":0:{}}"#
        #expect(try value(shared) == value(shared))
        #expect(try value(shared) != value(apart))
        #expect(try value(apart) != value(shared))
        #expect(try value(#"O:1:"A":0:{}"#) != value(#"O:1:"B":0:{}"#))
        #expect(try value(#"C:1:"A":1:{x}"#) != value(#"C:1:"A":1:{y}"#))
        #expect(try value(#"a:2:{s:1:"a";N;s:1:"b";N;}"#) != value(#"a:2:{s:1:"b";N;s:1:"a";N;}"#))
    }

    @Test(arguments: PHPValueFormat.allCases)
    func `a single value goes there and back in each format`(format: PHPValueFormat) throws {
        let values: [PHPValue] = [
            .null, true, false, 0, -1, 255, 256, -129, 70_000, -70_000, 5_000_000_000, PHPValue(Int.min),
            PHPValue(Int.max),
            1.5, "", "x", PHPValue(String(repeating: "long ", count: 20_000)),
            PHPValue(PHPString(bytes: Array(0...255))),
            [], [1, [2, [:]]], ["a": ["b": [nil]]], PHPValue((0..<300).map { PHPValue($0) }),
            PHPValue(PHPArray(pairs: (0..<300).map { (PHPKey("k\($0)"), PHPValue("k\($0)")) })),
            try .unsafeObject("A\\B", properties: [PHPProperty("p", .protected, value: [1])]),
            try .unsafeSerializable("A", payload: "x"),
        ]
        for value in values {
            let bytes = try value.encoded(as: format)
            #expect(try PHPValue(decoding: bytes, format: format) == value)
        }
        let enumCase = try PHPValue.unsafeEnumCase("Suit", "Hearts")
        if format == .msgpack {
            #expect(throws: PHPSessionCodecError.self) { try enumCase.encoded(as: format) }
        } else {
            #expect(try PHPValue(decoding: enumCase.encoded(as: format), format: format) == enumCase)
        }
    }

    @Test func `bytes behind a value are ignored where PHP ignores them`() throws {
        #expect(try PHPValue(decoding: Array("i:1;rest".utf8), format: .serialize) == 1)
        #expect(try PHPValue(decoding: [1, 2], format: .msgpack) == 1)
        #expect(throws: PHPSessionCodecError.self) { try PHPValue(decoding: [0, 0, 0, 2, 6, 1, 0], format: .igbinary) }
    }
}
