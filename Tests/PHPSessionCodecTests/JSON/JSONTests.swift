import PHPSessionCodec
import Testing

/// JSON in and out, plain and typed.
@Suite struct JSONTests {
    private static func read(_ text: String) throws -> PHPValue { try PHPValue(plainJSON: text.utf8) }

    @Test func `plain JSON becomes arrays and scalars`() throws {
        let value = try Self.read(
            #" {"a":[1,-2,1.5e2,true,false,null,"x\n\u00e9\ud83d\ude00\/"],"5":{"b":{}},"a|b":12345678901234567890} "#
        )
        #expect(value["a", 0] == 1)
        #expect(value["a", 2] == 150.0)
        #expect(value["a", 6]?.text == "x\né😀/")
        #expect(value.array?.keys == ["a", 5, "a|b"])
        #expect(value["a|b"]?.doubleValue == 12_345_678_901_234_567_168)
        #expect(value[5, "b"]?.array?.isEmpty == true)
        #expect(try Self.read(#"{"k":1,"x":2,"k":3}"#) == ["k": 3, "x": 2])
        #expect(try Self.read("0") == 0)
        #expect(try Self.read(#""""#) == "")
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "tru", "nul",
        "01", "-",
        "1.", ".5", "1e", "+1", "--1", "1 2", #""a"#, #""\x""#, #""\u12""#, #""\ud800""#, #""\ud800\u0041""#,
        #""\udc00""#,
        "\"\u{1}\"", "NaN", "Infinity", "'a'", "[1]]", #"{"a":1}}"#, "\u{feff}1", #""\u+123""#, #""\u-000""#,
    ])
    func `text that is no JSON is an error with an offset`(text: String) throws {
        let error = try #require(throws: PHPSessionCodecError.self) { try Self.read(text) }
        #expect((0...text.utf8.count).contains(error.offset ?? -1))
        #expect(throws: PHPSessionCodecError.self) { try PHPValue(typedJSON: text.utf8) }
    }

    @Test func `a string that is not UTF-8 is an error`() {
        #expect(throws: PHPSessionCodecError.self) { try PHPValue(plainJSON: [0x22, 0xff, 0x22]) }
    }

    @Test func `plain JSON is written as PHP writes it`() throws {
        let value: PHPValue = [
            "s": "a/b\"\\\u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}\u{2028}\u{2029}é😀", "f": [1.0, 1e25, -0.0], "e": [],
            "m": [1: 2],
        ]
        let expected =
            #"{"s":"a/b\"\\\b\t\n\f\r\u0001\u001f"# + "\u{7f}"
            + #"\u2028\u2029é😀","f":[1.0,1.0e+25,-0.0],"e":[],"m":{"1":2}}"#
        #expect(try value.plainJSON() == expected)
        #expect(try Self.read(value.plainJSON()) == value)
    }

    /// An integer key is none of a property, as PHP writes them: `__serialize` returned it.
    @Test func `objects show their public properties in plain JSON`() throws {
        let text =
            "a:2:{i:0;O:1:\"A\":3:{s:1:\"p\";i:1;s:4:\"\0*\0q\";i:2;i:5;i:3;}i:1;O:13:\"SplFixedArray\":2:{i:0;i:1;i:1;N;}}"
        let value = try PHPValue(decoding: Array(text.utf8), format: .serialize)
        #expect(try value.plainJSON() == #"[{"p":1},[1,null]]"#)
    }

    @Test func `what JSON has no words for is an error`() throws {
        let values: [PHPValue] = [
            PHPValue(Double.nan), PHPValue(-Double.infinity), PHPValue(PHPString(bytes: [0xff])),
            PHPValue(PHPArray(pairs: [(.string(PHPString(bytes: [0xff])), 1)])), try .unsafeEnumCase("A", "B"),
            try .unsafeSerializable("A", payload: ""),
        ]
        for value in values {
            let error = try #require(throws: PHPSessionCodecError.self) { try PHPValue([value]).plainJSON() }
            #expect(error.code == .notRepresentable)
        }
    }

    @Test func `a typed tree says everything`() throws {
        let text =
            "a:3:{i:5;a:1:{s:1:\"k\";d:0.10000000000000001;}s:2:\"\u{ff}\";O:1:\"A\":2:{s:1:\"p\";i:1;s:4:\"\0B\0q\";R:5;}i:6;C:1:\"C\":1:{x}}"
        let value = try PHPValue(decoding: Array(text.utf8), format: .serialize)
        let expected =
            #"{"t":"array","e":[[{"i":"5"},{"t":"array","e":[[{"t":"str","b64":"aw==","utf8":"k"},"#
            + #"{"t":"float","v":"0.10000000000000001","bits":"3fb999999999999a"}]]}],"#
            + #"[{"t":"str","b64":"w78=","utf8":"ÿ"},{"t":"object","id":1,"class":"A","p":["#
            + #"[{"prop":"p","vis":"public"},{"ref_id":1,"t":"int","v":"1"}],"#
            + #"[{"prop":"q","vis":"private","class":"B"},{"t":"ref","to":1}]]}],"#
            + #"[{"i":"6"},{"t":"object","id":2,"class":"C","serialized":{"t":"str","b64":"eA==","utf8":"x"}}]]}"#
        let tree = try value.typedJSON()
        #expect(tree == expected)
        #expect(try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects) == value)
    }

    @Test func `objects come from a typed tree only where they are allowed`() throws {
        for node in [
            #"{"t":"object","id":1,"class":"A","p":[]}"#, #"{"t":"enum","id":1,"class":"A","case":"B"}"#,
            #"{"t":"object","id":1,"class":"A","serialized":{"t":"str","b64":""}}"#,
        ] {
            let tree = #"{"t":"array","e":[[{"i":"0"},\#(node)]]}"#
            let error = try #require(throws: PHPSessionCodecError.self) { try PHPValue(typedJSON: tree.utf8) }
            #expect(error.code == .notRepresentable)
            #expect(throws: Never.self) { try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects) }
        }
    }

    @Test(arguments: [
        "1", "{}", #"{"t":1}"#, #"{"t":"what"}"#, #"{"t":"resource"}"#, #"{"t":"bool"}"#, #"{"t":"int","v":1}"#,
        #"{"t":"int","v":"01"}"#, #"{"t":"float","v":"1.5"}"#, #"{"t":"float","bits":"3ff"}"#, #"{"t":"str"}"#,
        #"{"t":"str","b64":"a"}"#, #"{"t":"str","b64":"a==="}"#, #"{"t":"str","b64":"ab=="}"#, #"{"t":"array"}"#,
        #"{"t":"array","e":[1]}"#, #"{"t":"array","e":[[{"i":"0"}]]}"#,
        #"{"t":"array","e":[[{"t":"int","v":"1"},{"t":"null"}]]}"#,
        #"{"t":"ref","to":1}"#, #"{"t":"ref","ref_id":1,"to":1}"#, #"{"t":"object","same_as":1}"#,
        #"{"t":"object","id":1,"class":"a b","p":[]}"#, #"{"t":"object","id":1,"class":"A"}"#,
        #"{"t":"object","id":1,"class":"A","p":[[{"prop":"x"},{"t":"null"}]]}"#,
        #"{"t":"array","e":[[{"i":"0"},{"t":"null","ref_id":1}],[{"i":"1"},{"t":"null","ref_id":1}]]}"#,
    ])
    func `JSON that is no typed tree is an error`(text: String) {
        #expect(throws: PHPSessionCodecError.self) { try PHPValue(typedJSON: text.utf8, content: .unsafeObjects) }
    }

    @Test func `names that are not UTF-8 keep their bytes`() throws {
        let bytes = Array("O:2:\"A".utf8) + [0xff] + Array("\":1:{s:2:\"b".utf8) + [0xfe] + Array("\";i:1;}".utf8)
        let value = try PHPValue(decoding: bytes, format: .serialize)
        let again = try PHPValue(typedJSON: value.typedJSON().utf8, content: .unsafeObjects)
        #expect(try again.encoded(as: .serialize) == bytes)
    }
}
