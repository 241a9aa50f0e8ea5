import Foundation
import Testing

/// `PEER_CASES.md` names a test or a reason for every case of the peers' suites, and nothing that is not there.
@Suite struct PeerCaseTableTests {
    /// The number of cases collected from the peers.
    private static let count = 154

    private struct Row {
        var number: Int
        var tests: [String]
        var hasReason: Bool
    }

    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()

    private static func rows() throws -> [Row] {
        let table = try String(contentsOf: folder.appending(path: "PEER_CASES.md"), encoding: .utf8)
        return table.split(separator: "\n")
            .compactMap { line in
                let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                    .map {
                        $0.trimmingCharacters(in: .whitespaces)
                    }
                guard cells.count == 5, let number = Int(cells[1]) else { return nil }
                return Row(number: number, tests: quoted(in: cells[3]), hasReason: cells[3].contains("Reason: "))
            }
    }

    /// What stands between backticks.
    private static func quoted(in text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }
            .map { String($0.element) }
    }

    /// The names of the tests in a folder of sources.
    private static func tests(in folder: URL) throws -> Set<String> {
        var names: Set<String> = []
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: "`", omittingEmptySubsequences: false)
                guard words.count == 3, words[0].hasSuffix("func "), !words[0].contains("\"") else { continue }
                names.insert(String(words[1]))
            }
        }
        return names
    }

    @Test func `every case has a row, in order, with a test or a reason`() throws {
        let rows = try Self.rows()
        #expect(rows.map(\.number) == Array(1...Self.count))
        for row in rows { #expect(!row.tests.isEmpty || row.hasReason, "case \(row.number)") }
    }

    @Test func `every test that the table names exists`() throws {
        let known = try Self.tests(in: Self.folder.deletingLastPathComponent())
        for row in try Self.rows() {
            for test in row.tests { #expect(known.contains(test), "case \(row.number): \(test)") }
        }
    }

    @Test func `every test of a case stands in the table`() throws {
        let listed = Set(try Self.rows().flatMap(\.tests))
        let ours = try Self.tests(in: Self.folder)
            .subtracting([
                "every case has a row, in order, with a test or a reason", "every test that the table names exists",
                "every test of a case stands in the table",
            ])
        #expect(ours.subtracting(listed) == [])
    }
}
