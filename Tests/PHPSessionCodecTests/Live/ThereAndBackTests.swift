import PHPSessionCodec
import Testing

/// PHP writes, Swift reads, changes and writes, PHP reads again: in each of the five formats.
@Suite struct ThereAndBackTests {
    /// The PHP source of every case of the fixtures that needs no other settings, once.
    private static func sources(_ format: PHPSessionFormat) throws -> [(name: String, source: String)] {
        let rows: [SourceRow] = try FixtureFile.rows("php_sessions", excluding: "php_sessions_bad")
        return
            rows.filter { $0.handler == format.rawValue && $0.ini == nil && $0.error == nil && $0.decode_error == nil }
            .map { ($0.name, $0.php_source) }
    }

    private struct SourceRow: Decodable {
        let name: String
        let handler: String
        let php_source: String
        let ini: [String: String]?
        let error: String?
        let decode_error: String?
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP reads its session again with one variable changed by Swift`(format: PHPSessionFormat) throws {
        let sources = try Self.sources(format)
        let written = try PHPReader.write(sources.map { $0.source + " $_SESSION['swift'] = 'before';" }, format)
        var changed: [[UInt8]] = []
        var expected: [(name: String, tree: JSONTree)] = []
        for ((name, _), stored) in zip(sources, written) {
            let stored = try stored.orThrow("PHP does not read \(name)")
            var session = try PHPSession(decoding: stored.bytes, format: format)
            #expect(session["swift"] == "before", "\(name)")
            if !ClassKnowledge.occur(Set(ClassKnowledge.selfWriting.keys), in: stored.tree) {
                #expect(try JSONTree.tree(of: session) == stored.tree, "\(name)")
            }
            session["swift"] = ["list": [1, 2.5, "é", nil]]
            changed.append(try session.encoded())
            expected.append((name, stored.tree))
        }
        let after = try JSONTree.tree(of: PHPSession(["swift": ["list": [1, 2.5, "é", nil]]], format: format))
        for (answer, (name, before)) in zip(try PHPReader.read(changed, format), expected) {
            // What PHP read before, with its last variable replaced.
            let tree = JSONTree.object([
                "t": .string("array"),
                "e": .array((before["e"]?.items.dropLast() ?? []) + (after["e"]?.items ?? [])),
            ])
            #expect(answer == .tree(tree), "\(name)")
        }
        #expect(changed.count > 80)
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP reads what Swift did to its cart`(format: PHPSessionFormat) throws {
        let source = """
            $_SESSION['cart'] = ['items' => ['apple', 'pear'], 'total' => 4.5];
            $_SESSION['user'] = new App\\Model\\User;
            $_SESSION['same'] = $_SESSION['user'];
            $_SESSION['odd'] = ["\\0\\xff" => [null, true, -1]];
            """
        let stored = try PHPReader.write([source], format).first.flatMap { $0 }.orThrow("PHP wrote nothing")
        var session = try PHPSession(decoding: stored.bytes, format: format)
        session["cart", "items", 0] = "plum"
        session["cart", "coupon"] = ["code": "X"]
        session["user", "name"] = "Bob"
        try session.encode(["a": [1, 2]], at: "codable")
        let answer = try PHPReader.read([try session.encoded()], format).first.orThrow("PHP read nothing")
        #expect(answer == .tree(try JSONTree.tree(of: session)))
        guard case .tree(let tree) = answer else { return }
        // The property is still a protected one, and both variables hold the one object.
        #expect(tree.description.contains("[{prop:\"name\",vis:\"protected\"},{b64:\"Qm9i\",t:\"str\",utf8:\"Bob\"}]"))
        #expect(tree.description.contains("{same_as:1.0,t:\"object\"}"))
    }

    @Test func `floats have the text that PHP gives them`() throws {
        var generator = MutationTests.Seeded(seed: Seed.taken(for: "floats"))
        let random = (0..<2_000).map { _ in Double(bitPattern: generator.next()) }
        let short = (0..<2_000)
            .map { _ in
                Double(Int.random(in: -99_999...99_999, using: &generator))
                    * [1e-9, 1e-7, 1e-5, 1e-3, 0.1, 1, 1e9, 1e12, 1e14, 1e17].randomElement(using: &generator).orZero
            }
        let values = (random + short).filter { !$0.isNaN }
        let session = PHPSession(["v": PHPValue(values.map { PHPValue($0) })], format: .php)
        let bits = values.map { "\"\($0.bitPattern.hexadecimal)\"" }.joined(separator: ",")
        let source = "$_SESSION['v'] = array_map(fn($b) => unpack('E', hex2bin($b))[1], [\(bits)]);"
        let stored = try PHPReader.write([source], .php).first.flatMap { $0 }.orThrow("PHP wrote nothing")
        #expect(String(decoding: stored.bytes, as: UTF8.self) == String(decoding: try session.encoded(), as: UTF8.self))
    }
}

extension Double? {
    fileprivate var orZero: Double { self ?? 0 }
}

extension UInt64 {
    /// Sixteen hexadecimal digits.
    fileprivate var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
