import Foundation
import PHPSessionCodec
import Testing

/// Sessions that a real PHP has filled at random, with values that occur more than once and references to them: the codec
/// reads in them what PHP reads, and PHP reads that in what the codec writes of them.
@Suite struct RandomPHPTests {
    private static func sources(_ format: PHPSessionFormat, _ count: Int) throws -> [String] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "random.php")
        let source = try String(contentsOf: file, encoding: .utf8)
        let seed = Seed.taken(for: "PHP's random sessions in \(format.rawValue)", usually: 1) % 1_000_000
        return (0..<UInt64(count)).map { "$seed = \(seed + $0);\n\(source)" }
    }

    /// Whether the extension msgpack has marked a repeated reference.
    private static func hasReferences(_ bytes: [UInt8]) -> Bool {
        zip(bytes, bytes.dropFirst()).contains { $0 == (0xc0, 2) || $0 == (0xc0, 5) }
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `what PHP made at random is read and written as PHP means it`(format: PHPSessionFormat) throws {
        let written = try PHPReader.write(try Self.sources(format, 300), format)
        var again: [(bytes: [UInt8], tree: JSONTree)] = []
        for stored in written {
            // PHP itself cannot go through a value without an end, which igbinary makes of some references.
            guard let stored else { continue }
            let session = try PHPSession(decoding: stored.bytes, format: format)
            #expect(try JSONTree.tree(of: session) == stored.tree, "\(stored.bytes)")
            // igbinary ties all references to one object together; msgpack makes references of those that occur in one
            // array only once that array is there twice. Both do so in PHP's own hands.
            if format == .igbinary, stored.tree.hasObjectInTwoReferences { continue }
            if format == .msgpack, Self.hasReferences(stored.bytes) { continue }
            let variables = try session.root.array.orThrow("no array")
            again.append((try PHPSession(variables, format: format).encoded(), stored.tree))
        }
        #expect(again.count > 80)
        for (row, answer) in zip(again, try PHPReader.read(again.map(\.bytes), format)) {
            #expect(answer == .tree(row.tree), "\(row.bytes)")
        }
    }
}
