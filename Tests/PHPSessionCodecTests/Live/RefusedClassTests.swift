import PHPSessionCodec
import Testing

/// Classes of PHP itself that no session can hold, whatever the application is.
@Suite struct RefusedClassTests {
    static let names = [
        "Closure", "closure", "Generator", "Fiber", "WeakMap", "WeakReference", "InternalIterator",
        "SensitiveParameterValue", "SplFileInfo", "SplTempFileObject", "GlobIterator", "ReflectionClass",
        "ReflectionEnum", "ReflectionZendExtension",
    ]

    /// Names that are close by and are no such classes.
    static let others = ["ReflectionException", "ReflectionUnknown", "App\\Closure", "Closures", "stdClass"]

    private static func object(_ name: String, _ format: PHPSessionFormat) -> [UInt8] {
        switch format {
        case .igbinary:
            [0, 0, 0, 2, 0x14, 1, 0x11, 1, 0x61, 0x17, UInt8(name.utf8.count)] + Array(name.utf8) + [0x14, 0]
        default:
            Array("a|O:\(name.utf8.count):\"\(name)\":0:{}".utf8)
        }
    }

    @Test(arguments: [PHPSessionFormat.php, .igbinary])
    func `an object of a class that PHP cannot unserialize is refused as PHP refuses it`(
        format: PHPSessionFormat
    ) throws {
        let answers = try PHPReader.read((Self.names + Self.others).map { Self.object($0, format) }, format)
        for (name, answer) in zip(Self.names + Self.others, answers) {
            let bytes = Self.object(name, format)
            let isRefused = Self.names.contains(name)
            let session = Result { () throws(PHPSessionCodecError) in try PHPSession(decoding: bytes, format: format) }
            switch (answer, session) {
            case (.refused, .failure(let error)):
                #expect(isRefused && error.code == .malformed && error.offset != nil, "\(name): \(error)")
            case (.tree, .success):
                #expect(!isRefused, "\(name)")
            case (_, let result):
                Issue.record("\(name): PHP says \(answer), the codec \(result)")
            }
        }
    }

    @Test(arguments: names)
    func `such an object cannot be made, nor one of them be an enumeration`(name: String) {
        let name = PHPString(name)
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeObject(name, properties: []) }
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeSerializable(name, payload: "") }
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeEnumCase(name, "A") }
    }

    @Test func `PHP's standard class is no enumeration`() throws {
        let bytes = Array(#"a|E:12:"stdClass:Foo";"#.utf8)
        #expect(throws: PHPSessionCodecError.self) { try PHPSession(decoding: bytes, format: .php) }
        #expect(throws: PHPSessionCodecError.self) { try PHPValue.unsafeEnumCase("stdClass", "Foo") }
        let answer = try #require(try PHPReader.read([bytes], .php).first)
        guard case .refused = answer else {
            Issue.record("PHP reads it")
            return
        }
    }

    /// What `__serialize` returned under integer keys is kept, told apart from properties, and in no plain JSON.
    @Test func `an integer key is no property, and stays one in a typed tree`() throws {
        let bytes = Array(#"a|O:1:"M":3:{s:1:"x";i:1;i:7;i:2;s:1:"8";i:3;}"#.utf8)
        let root = try PHPSession(decoding: bytes, format: .php).root
        let tree = try root.typedJSON()
        #expect(tree.contains(#"[{"i":"7"},{"t":"int","v":"2"}]"#))
        #expect(tree.contains(#"[{"prop":"8","vis":"public"},{"t":"int","v":"3"}]"#))
        #expect(try root.plainJSON() == #"{"a":{"x":1,"8":3}}"#)
        let again = try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects)
        #expect(try PHPSession(try #require(again.array), format: .php).encoded() == bytes)
    }
}
