import PHPSessionCodec
import Testing

/// References, repeated objects and shared arrays: no way of reading them out runs away.
@Suite struct SharingTests {
    private static let limits = PHPSessionLimits(maximumValues: 20_000)

    private static func session(_ text: String) throws -> PHPSession {
        try PHPSession(decoding: Array(text.utf8), format: .php, limits: limits)
    }

    /// The code of the error that a piece of work ends with, whatever it is wrapped in.
    private static func code(_ work: () throws -> Void) -> PHPSessionCodecError.Code? {
        do {
            try work()
            return nil
        } catch let error as PHPSessionCodecError {
            return error.code
        } catch let DecodingError.dataCorrupted(context) {
            return (context.underlyingError as? PHPSessionCodecError)?.code
        } catch {
            return nil
        }
    }

    /// Thirty variables, each an array of the one before, eight times: 8^30 values in a few hundred bytes.
    private static func laughs(_ member: (Int) -> String) -> String {
        var text = #"v0|a:1:{i:0;s:3:"lol";}"#
        var slot = 1
        var nextSlot = 3
        for number in 1...30 {
            let members = (0..<8).map { "i:\($0);\(member(slot))" }.joined()
            text += "v\(number)|a:8:{\(members)}"
            slot = nextSlot
            nextSlot += 1
        }
        return text
    }

    @Test func `a billion laughs by references meet the budget`() throws {
        let session = try Self.session(Self.laughs { "R:\($0);" })
        #expect(Self.code { _ = try session.root.plainJSON(limits: Self.limits) } == .tooManyValues)
        #expect(try session.root.typedJSON(limits: Self.limits).utf8.count < 20_000)
        let variables = try session.root.array.orThrow("no array")
        let text = try PHPSession(variables, format: .php).encoded()
        #expect(text == Array(Self.laughs { "R:\($0);" }.utf8))
        #expect(try session.encoded(as: .igbinary).count < 2_000)
        #expect(try session.encoded(as: .msgpack).count < 5_000)
        let decoder = PHPValueDecoder(maximumValues: 20_000)
        let last = try session["v30"].orThrow("no v30")
        #expect(Self.code { _ = try decoder.decode([Tree].self, from: last) } == .tooManyValues)
    }

    private indirect enum Tree: Decodable {
        case leaf(String)
        case branch([Tree])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .leaf(text)
            } else {
                self = .branch(try container.decode([Tree].self))
            }
        }
    }

    /// igbinary: an array of eight copies of the array before, thirty levels.
    private static let sharedArrays: [UInt8] = {
        var bytes: [UInt8] = [0, 0, 0, 2, 0x14, 31, 0x11, 1, 0x41, 0x14, 1, 6, 0, 0x11, 3] + Array("lol".utf8)
        for number in UInt8(1)...30 {
            bytes += [0x11, 1, 0x41 + number, 0x14, 8]
            for index in UInt8(0)..<8 { bytes += [6, index, 0x01, number] }
        }
        return bytes
    }()

    @Test func `a billion laughs by igbinary's shared arrays meet the budget`() throws {
        let session = try PHPSession(decoding: Self.sharedArrays, format: .igbinary, limits: Self.limits)
        #expect(Self.code { _ = try session.root.plainJSON(limits: Self.limits) } == .tooManyValues)
        #expect(Self.code { _ = try session.root.typedJSON(limits: Self.limits) } == .tooManyValues)
        #expect(Self.code { _ = try session.encoded(as: .php) } == .tooManyValues)
        #expect(Self.code { _ = try session.encoded(as: .msgpack) } == .tooManyValues)
        let decoder = PHPValueDecoder(maximumValues: 20_000)
        let last = try session["_"].orThrow("no last array")
        #expect(Self.code { _ = try decoder.decode([Tree].self, from: last) } == .tooManyValues)
        let variables = try session.root.array.orThrow("no array")
        #expect(try PHPSession(variables, format: .igbinary).encoded() == Self.sharedArrays)
        #expect(session.root == session.root)
    }

    /// igbinary: a reference to the array of all variables, in a variable, whose array is marked as shared as well.
    @Test func `a cycle that is marked twice is one in the typed tree`() throws {
        let bytes: [UInt8] = [
            0, 0, 0, 2, 20, 1, 17, 1, 118, 37, 20, 2, 17, 1, 110, 6, 1, 17, 4, 115, 101, 108, 102, 37, 1, 0,
        ]
        let session = try PHPSession(decoding: bytes, format: .igbinary)
        let tree = try session.root.typedJSON()
        let again = try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects)
        #expect(try again.typedJSON() == tree)
        let marked = tree.split(separator: "\"ref_id\"", omittingEmptySubsequences: false).count - 1
        #expect(marked == 1 && tree.contains("\"t\":\"ref\""))
    }

    @Test func `a shared array is a value: changing one copy leaves the other`() throws {
        // Two variables name one array, as PHP's igbinary writes `$a = $b = [1]`.
        let bytes: [UInt8] = [0, 0, 0, 2, 0x14, 2, 0x11, 1, 0x61, 0x14, 1, 6, 0, 6, 1, 0x11, 1, 0x62, 0x01, 0x01]
        var session = try PHPSession(decoding: bytes, format: .igbinary)
        try session.set(2, at: "a", 0)
        #expect(session["a", 0]?.intValue == 2)
        #expect(session["b", 0]?.intValue == 1)
    }

    @Test(arguments: [
        #"v|a:2:{s:1:"n";i:1;s:4:"self";R:1;}"#,
        #"v|O:8:"stdClass":1:{s:2:"me";r:1;}"#,
        #"v|O:8:"stdClass":1:{s:1:"b";O:8:"stdClass":1:{s:1:"a";r:1;}}"#,
        #"v|a:1:{i:0;a:1:{i:0;R:1;}}"#,
    ])
    func `a value that contains itself is kept, and is an error where it would have to be written out`(
        text: String
    ) throws {
        let session = try Self.session(text)
        #expect(try session.decode(OpenEnded.self, at: "v")?.code == .cycle)
        #expect(Self.code { _ = try session.root.plainJSON() } == .cycle)
        let variables = try session.root.array.orThrow("no array")
        #expect(try PHPSession(variables, format: .php).encodedAndReadByPHP() == Array(text.utf8))
        for format in [PHPSessionFormat.igbinary, .msgpack] {
            let bytes = try session.encoded(as: format)
            #expect(try PHPSession(decoding: bytes, format: format).root == session.root)
        }
        let tree = try session.root.typedJSON()
        #expect(try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects) == session.root)
    }

    /// A type that follows whatever members there are for ever, and notes the code of the error that ends it.
    private struct OpenEnded: Decodable {
        var code: PHPSessionCodecError.Code?

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init?(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            for key in container.allKeys {
                do {
                    code = try container.decode(OpenEnded.self, forKey: key).code ?? code
                } catch let DecodingError.dataCorrupted(context) {
                    code = (context.underlyingError as? PHPSessionCodecError)?.code
                } catch {
                    continue
                }
            }
        }
    }

    @Test func `an array that leads back to itself through arrays alone is a cycle everywhere but in igbinary`() throws
    {
        // What igbinary stores of `$a['self'] = &$a` once nothing else refers to $a.
        let bytes: [UInt8] = [0, 0, 0, 2, 0x14, 1, 0x11, 1, 0x76, 0x14, 1, 6, 0, 0x01, 0x01]
        let session = try PHPSession(decoding: bytes, format: .igbinary)
        let variables = try session.root.array.orThrow("no array")
        #expect(try PHPSession(variables, format: .igbinary).encoded() == bytes)
        #expect(Self.code { _ = try session.root.typedJSON() } == .cycle)
        #expect(Self.code { _ = try session.root.plainJSON() } == .cycle)
        #expect(Self.code { _ = try session.encoded(as: .php) } == .cycle)
        #expect(Self.code { _ = try session.encoded(as: .msgpack) } == .cycle)
    }

    @Test func `an array that an object in it holds again is written out once`() throws {
        // $a = [$o]; $o->list = $a
        let bytes: [UInt8] =
            [0, 0, 0, 2, 0x14, 1, 0x11, 1, 0x76, 0x14, 1, 6, 0, 0x17, 8] + Array("stdClass".utf8)
            + [0x14, 1, 0x11, 4] + Array("list".utf8) + [0x01, 0x01]
        let session = try PHPSession(decoding: bytes, format: .igbinary)
        let expected = #"v|a:1:{i:0;O:8:"stdClass":1:{s:4:"list";a:1:{i:0;r:2;}}}"#
        #expect(try session.encoded(as: .php) == Array(expected.utf8))
        #expect(try session.encoded(as: .msgpack).isEmpty == false)
    }
}
