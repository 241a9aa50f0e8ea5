import Foundation
import PHPSessionCodec
import Testing

/// A real PHP with igbinary and msgpack reads what the codec writes.
///
/// A PHP that is missing fails the suite.
@Suite struct LivePHPTests {
    private typealias Stored = (name: String, session: PHPSession, bytes: [UInt8])

    /// The stored sessions of the fixtures in one format, but for those that PHP itself cannot read back.
    private static func stored(_ format: PHPSessionFormat) throws -> [Stored] {
        try SessionRow.stored([format]).filter { $0.decodeError == nil }
            .map { ($0.name, try $0.session(), $0.bytes) }
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP reads a session written anew as it reads its own`(format: PHPSessionFormat) throws {
        let rows = try Self.stored(format)
        let written = try rows.map { row in
            guard let variables = row.session.root.array else { return row.bytes }
            return try PHPSession(variables, format: format).encoded()
        }
        let originals = try PHPReader.read(rows.map(\.bytes), format)
        let answers = try PHPReader.read(written, format)
        #expect(rows.count > 100)
        for (row, (original, answer)) in zip(rows, zip(originals, answers)) {
            #expect(answer == original, "\(row.name)")
            guard case .tree = answer else {
                Issue.record("\(row.name): \(answer)")
                continue
            }
        }
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP reads a session in every other format`(source: PHPSessionFormat) throws {
        let rows = try Self.stored(source)
        let originals = try PHPReader.read(rows.map(\.bytes), source)
        for target in PHPSessionFormat.allCases where target != source {
            var sessions: [[UInt8]] = []
            var expected: [(String, PHPReader.Answer)] = []
            for (row, original) in zip(rows, originals) {
                // Names that the other format has no place for, and objects whose class msgpack has to be told of.
                guard let bytes = try? row.session.encoded(as: target) else { continue }
                if Self.differs(row.name, source, target) { continue }
                sessions.append(bytes)
                expected.append((row.name, original))
            }
            let answers = try PHPReader.read(sessions, target)
            for (answer, (name, original)) in zip(answers, expected) {
                #expect(answer == original, "\(name) as \(target.rawValue)")
            }
            #expect(sessions.count > rows.count - 20)
        }
    }

    /// Sessions whose meaning is another one in another format, in PHP's own hands too.
    private static func differs(_ name: String, _ source: PHPSessionFormat, _ target: PHPSessionFormat) -> Bool {
        guard target == .msgpack || source == .msgpack else { return false }
        // msgpack keeps no references to scalars and reads its own Serializable payloads with a zero byte too many;
        // of objects with __serialize and string keys alone no other format says that they have it.
        let names = [
            "ref_top", "ref_in_array", "obj_ref_props", "mixed_everything", "obj_C_serializable", "obj_C_empty",
        ]
        return names.contains(name) || name == "obj_ref_to_obj"
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP reads the one variable that was changed and the others as they were`(format: PHPSessionFormat) throws {
        let rows = try Self.stored(format)
        let changed = try rows.compactMap { row -> (String, [UInt8], PHPReader.Answer)? in
            var session = row.session
            session["live_new"] = ["k": [1, 2.5, "é", nil]]
            let tree = try JSONTree.tree(of: session)
            return (row.name, try session.encoded(), .tree(tree))
        }
        let answers = try PHPReader.read(changed.map(\.1), format)
        let classes = ["Magic", "OldSerializable", "ArrayObject", "SplObjectStorage", "SplQueue"]
        for (answer, (name, _, expected)) in zip(answers, changed) {
            guard case .tree(let tree) = answer else {
                Issue.record("\(name): \(answer)")
                continue
            }
            // Objects that write something other than their properties look different to PHP.
            if classes.contains(where: { tree.description.contains("class:\"\($0)\"") }) { continue }
            #expect(answer == expected, "\(name)")
        }
    }

    @Test(arguments: [PHPSessionFormat.php, .phpBinary, .phpSerialize])
    func `PHP and the codec agree on random data`(format: PHPSessionFormat) throws {
        var generator = RandomSessions(seed: Seed.taken(for: "random data from \(format.rawValue)"))
        let sessions = (0..<600).map { _ in generator.session(format) }
        let answers = try PHPReader.read(sessions, format)
        var accepted = 0
        for (bytes, answer) in zip(sessions, answers) {
            let text = String(decoding: bytes, as: UTF8.self)
            let result = Result { () throws(PHPSessionCodecError) in try PHPSession(decoding: bytes, format: format) }
            switch (answer, result) {
            case (.refused, .failure):
                continue
            case (.tree(let tree), .success(let session)):
                accepted += 1
                #expect(try JSONTree.tree(of: session) == tree, "\(text)")
            case (.tree, .failure(let error)):
                Issue.record("PHP reads it: \(error) \(text)")
            case (.refused(let warnings), .success):
                Issue.record("PHP does not read it: \(warnings) \(text)")
            }
        }
        #expect(accepted > 100)
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP reads random data in every format as it was meant`(format: PHPSessionFormat) throws {
        var generator = RandomSessions(seed: Seed.taken(for: "random data to \(format.rawValue)"))
        let sessions = (0..<600)
            .compactMap { _ in
                try? PHPSession(decoding: generator.session(.php), format: .php)
            }
        let written = try sessions.map { try $0.encoded(as: format) }
        let answers = try PHPReader.read(written, format)
        #expect(sessions.count > 100)
        for (session, answer) in zip(sessions, answers) {
            let expected = try JSONTree.tree(of: session)
            // References to scalars do not survive msgpack, in PHP's hands neither.
            if format == .msgpack, expected.description.contains("ref_id") { continue }
            if format == .igbinary, expected.hasObjectInTwoReferences { continue }
            #expect(answer == .tree(expected))
        }
    }

    @Test func `PHP's msgpack reads 1,024 levels and no more`() throws {
        let deepest = try PHPSession(decoding: Array(("a|" + Self.nested(1_023)).utf8), format: .php)
        let levels = [UInt8](repeating: 0x91, count: 1_024) + [0xc0]
        let lines = try PHPReader.lines([try deepest.encoded(as: .msgpack), [0x81, 0xa1, 0x61] + levels], .msgpack)
        #expect(lines.first?.components(separatedBy: #""t":"array""#).count == 1_025)
        #expect(lines.last == "ok\t" + #"{"t":"array","e":[]}"#)
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "a:1:{i:0;", count: depth) + "N;" + String(repeating: "}", count: depth)
    }
}
