import PHPSessionCodec
import Testing

/// Captured sessions with a few random changes, read by a real PHP and by the codec: both accept the same bytes and make
/// the same of them, and PHP reads what the codec writes of them as it read the original.
@Suite struct MutatedSessionTests {
    /// Classes that the PHP of these tests has, with declared properties or code of their own: what they make of data is
    /// not in the data.
    private static let classes = [
        "Magic", "OldSerializable", "ArrayObject", "SplObjectStorage", "SplQueue", "SplFixedArray", "Suit", "Exception",
        "Date", "Closure", "App\\Model", "Child", "Base", "RefHolder",
    ]

    private static func hasClasses(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        // A Serializable payload for a class that is none, too.
        return classes.contains { text.contains($0) } || text.contains("C:")
    }

    private static let fragments: [PHPSessionFormat: [[UInt8]]] = [
        .igbinary: [
            [0x00], [0x01, 0x00], [0x01, 0x01], [0x06, 0x05], [0x07, 0x05], [0x0d], [0x0e, 0x00], [0x0e, 0x01],
            [0x11, 0x01, 0x61], [0x14, 0x00], [0x14, 0x01, 0x06, 0x00], [0x22, 0x01], [0x25], [0x25, 0x00],
            [0x1a, 0x00, 0x14, 0x00], [0x17, 0x08] + Array("stdClass".utf8) + [0x14, 0x00],
        ],
        .msgpack: [
            [0xc0], [0xc2], [0x90], [0x80], [0x91, 0x01], [0x81, 0xa1, 0x61, 0x01], [0x82, 0xc0, 0x01, 0x00, 0x05],
            [0x82, 0xc0, 0x02, 0x00, 0x02], [0x82, 0xc0, 0x04, 0x00, 0x02], [0x82, 0xc0, 0x05, 0x00, 0x02],
            [0x81, 0xc0, 0xa8] + Array("stdClass".utf8), [0xcb, 0, 0, 0, 0, 0, 0, 0, 0], [0xd0, 0x80], [0xd9, 1, 0x62],
        ],
    ]

    private static let textFragments: [[UInt8]] =
        [
            "i:0;", "R:1;", "R:2;", "R:3;", "r:1;", "r:2;", "a:1:{i:0;", "a:0:{}", "}", ";", "|", "a|", "b|N;",
            "O:8:\"stdClass\":0:{}", "O:3:\"Foo\":1:{s:1:\"x\";", "s:1:\"a\";", "s:1:\"5\";", "9", "-", "+", "N;",
            "d:.5;",
            "b:1;", "S:1:\"\\61\";", "\"", ":", "{",
        ]
        .map { Array($0.utf8) }

    private static func mutated(
        _ bytes: [UInt8],
        _ format: PHPSessionFormat,
        _ generator: inout MutationTests.Seeded
    ) -> [UInt8] {
        var bytes = bytes
        let fragments = fragments[format] ?? textFragments
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let position = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<8, using: &generator) {
            case 0 where position < bytes.count: bytes[position] = UInt8.random(in: .min ... .max, using: &generator)
            case 1 where position < bytes.count: bytes[position] ^= 1
            case 2 where position < bytes.count: bytes.remove(at: position)
            case 3 where position < bytes.count:
                bytes[position] = bytes.randomElement(using: &generator) ?? 0
            case 4:
                let length = Int.random(in: 0...min(20, bytes.count - position), using: &generator)
                bytes.insert(contentsOf: bytes[position..<(position + length)], at: position)
            default:
                bytes.insert(contentsOf: fragments.randomElement(using: &generator) ?? [], at: position)
            }
        }
        return bytes
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        bytes.map { (0x20..<0x7f).contains($0) ? String(UnicodeScalar($0)) : "\\x\(String($0, radix: 16))" }.joined()
    }

    private static func sessions(_ format: PHPSessionFormat, _ count: Int) throws -> [[UInt8]] {
        let bases = try SessionRow.stored([format]).map(\.bytes).filter { $0.count < 400 && !hasClasses($0) }
        var generator = MutationTests.Seeded(seed: Seed.taken(for: "changes to \(format.rawValue) for PHP", usually: 1))
        return (0..<count).map { _ in mutated(bases.randomElement(using: &generator) ?? [], format, &generator) }
            .filter { !hasClasses($0) }
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP and the codec agree on changed sessions`(format: PHPSessionFormat) throws {
        let sessions = try Self.sessions(format, 1_000)
        let answers = try PHPReader.readSurviving(sessions, format)
        var written: [(original: [UInt8], again: [UInt8], tree: JSONTree)] = []
        var refused = 0
        for (bytes, answer) in zip(sessions, answers) {
            let text = Self.shown(bytes)
            let result = Result { () throws(PHPSessionCodecError) in try PHPSession(decoding: bytes, format: format) }
            guard let answer else { continue }
            switch (answer, result) {
            case (.refused, .failure):
                refused += 1
            case (.tree(let tree), .success(let session)):
                // PHP's binary formats copy an array that is named before its end as it is at that moment.
                guard let own = try? JSONTree.tree(of: session), format == .php || !own.leadsIntoItself else {
                    continue
                }
                if own.hasHiddenKeys || tree.description.contains("__PHP_Incomplete_Class_Name") { continue }
                #expect(own == tree, "\(text)")
                guard own == tree else { continue }
                guard let variables = session.root.array else { continue }
                guard let again = try? PHPSession(variables, format: format).encoded() else { continue }
                written.append((bytes, again, tree))
            case (.tree, .failure(let error)):
                // PHP takes what its msgpack handler cannot read for an empty session, and overwrites it.
                if format == .msgpack { continue }
                Issue.record("PHP reads it: \(error) \(text)")
            case (.refused(let warnings), .success):
                Issue.record("PHP does not read it: \(warnings) \(text)")
            }
        }
        #expect(written.count > 50)
        #expect(refused > 50 || format == .msgpack)
        for (row, answer) in zip(written, try PHPReader.readSurviving(written.map(\.again), format)) {
            #expect(answer == .tree(row.tree), "\(row.original) as \(row.again)")
        }
    }
}

extension JSONTree {
    /// Whether a string that looks like a number is a key of an array, or of the session.
    ///
    /// PHP keeps such a key where a format has it, and gives its value to nobody, the script of these tests included.
    fileprivate var hasHiddenKeys: Bool {
        switch self {
        case .array(let items): return items.contains(where: \.hasHiddenKeys)
        case .object(let members):
            let keys = members["e"]?.items.compactMap { $0.items.first?["utf8"] } ?? []
            for case .string(let key) in keys where Int(key).map({ String($0) == key }) == true { return true }
            return members.values.contains(where: \.hasHiddenKeys)
        default: return false
        }
    }

    /// Whether a reference stands inside of what it refers to.
    fileprivate var leadsIntoItself: Bool { leadsInto([]) }

    private func leadsInto(_ open: Set<JSONTree>) -> Bool {
        switch self {
        case .array(let items): return items.contains { $0.leadsInto(open) }
        case .object(let members):
            if members["t"] == .string("ref"), let number = members["to"], open.contains(number) { return true }
            let inside = members["ref_id"].map { open.union([$0]) } ?? open
            return members.values.contains { $0.leadsInto(inside) }
        default: return false
        }
    }
}
