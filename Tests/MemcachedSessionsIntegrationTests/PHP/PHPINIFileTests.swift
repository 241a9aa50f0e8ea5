import Foundation
import MemcachedSessions
import Testing

/// Values of a `php.ini`, read here as a live PHP reads them.
@Suite struct PHPINIFileTests {
    private static let pieces = [
        "a", "On", "none", " ", "  ", "\t", "\"", "'", "${NAME}", "\"b c\"", "'d e'", "\\", "$", ";", "x,y", "/p:1",
        "@", "%",
        "[1]", "\"\\\"\"", "\"${NAME}\"", "\"\\\\\"",
    ]

    /// What PHP makes of each value; nil where it is an error of syntax.
    private static func read(_ values: [String]) async throws -> [String?] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ini-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "read.php")
        let source = #"""
            <?php
            putenv('NAME=ada');
            foreach (json_decode(stream_get_contents(STDIN)) as $value) {
                $read = @parse_ini_string("k=$value\n", false, INI_SCANNER_NORMAL);
                $answers[] = $read === false || array_keys($read) !== ['k'] ? null : (string) $read['k'];
            }
            echo json_encode($answers);
            """#
        try Data(source.utf8).write(to: script)
        let input = folder.appending(path: "input")
        try JSONEncoder().encode(values).write(to: input)
        let output = folder.appending(path: "output")
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["php", script.path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        return try JSONDecoder().decode([String?].self, from: Data(contentsOf: output))
    }

    @Test func `a value is read as PHP reads it, or is an error`() async throws {
        var generator = SplitMix(state: 0x5E55_1011)
        let values = (0..<4_000)
            .map { _ in
                (0..<Int.random(in: 1...5, using: &generator))
                    .map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
                    .joined()
            }
        let answers = try await Self.read(values)
        #expect(answers.count == values.count)
        var equal = 0
        for (value, answer) in zip(values, answers) {
            let text = "session.save_path=h:11211\nsession.cookie_path=\(value)"
            do {
                let configuration = try MemcachedSessionConfiguration(phpINI: text, environment: ["NAME": "ada"])
                #expect(configuration.cookie.path == answer, "\(value)")
                equal += 1
            } catch {
                #expect(error.code == .invalidConfiguration)
                #expect(error.detail.contains("session.cookie_path in line 2"), "\(value): \(error)")
            }
        }
        #expect(equal > 1_000)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
