import Foundation
import Testing

/// `SESSION_CASES.md` names a test or a reason for every promise, and no test that is not there.
@Suite struct SessionCaseTableTests {
    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()

    /// The number and the last cell of each row.
    private static func rows() throws -> [(number: Int, cell: String)] {
        try String(contentsOf: folder.appending(path: "SESSION_CASES.md"), encoding: .utf8)
            .split(separator: "\n")
            .compactMap { line in
                let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                guard cells.count == 3, let number = Int(cells[0]) else { return nil }
                return (number, cells[2])
            }
    }

    /// What stands between backticks and is no command: a test's name has blanks.
    private static func named(in text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) && $0.element.contains(" ") }
            .map { String($0.element) }
    }

    /// The names of all tests of the package.
    private static func tests() throws -> Set<String> {
        var names: Set<String> = []
        let files = FileManager.default.enumerator(
            at: folder.deletingLastPathComponent(),
            includingPropertiesForKeys: nil
        )
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
                let words = line.split(separator: "`", omittingEmptySubsequences: false)
                guard words.count == 3, words[0].hasSuffix("func ") else { continue }
                names.insert(String(words[1]))
            }
        }
        return names
    }

    @Test func `every promise has a row, in order, with a test or a reason`() throws {
        let rows = try Self.rows()
        #expect(rows.map(\.number) == Array(1...65))
        for row in rows {
            #expect(!Self.named(in: row.cell).isEmpty || row.cell.contains("Reason: "), "row \(row.number)")
        }
    }

    @Test func `every test that the table of sessions names exists`() throws {
        let known = try Self.tests()
        for row in try Self.rows() {
            for test in Self.named(in: row.cell) { #expect(known.contains(test), "row \(row.number): \(test)") }
        }
    }
}
