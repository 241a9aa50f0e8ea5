import Foundation
import FuzzChecks
import Testing

/// Runs every input in `Fixtures/fuzz` once: those on which a fuzzer found something, and its first ones.
@Suite struct KeptInputTests {
    /// One input.
    struct Kept: CustomTestStringConvertible {
        var target: FuzzTarget
        var name: String
        var bytes: [UInt8]

        var testDescription: String { "\(target.rawValue)/\(name)" }
    }

    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()
        .deletingLastPathComponent()
        .deletingLastPathComponent()
        .appending(path: "Fixtures/fuzz")

    private static func inputs() throws -> [Kept] {
        var inputs: [Kept] = []
        for target in FuzzTarget.allCases {
            let folder = folder.appending(path: target.rawValue)
            guard FileManager.default.fileExists(atPath: folder.path()) else { continue }
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted() {
                let data = try Data(contentsOf: folder.appending(path: name))
                inputs.append(Kept(target: target, name: name, bytes: Array(data)))
            }
        }
        return inputs
    }

    @Test(arguments: try KeptInputTests.inputs())
    func `an input that is kept breaks no promise`(input: Kept) {
        if case .broken(let promise) = input.target.check(input.bytes) { Issue.record("\(promise)") }
    }

    @Test func `the folders are those of fuzzers, and there are inputs`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path())
        let known = Set(FuzzTarget.allCases.map(\.rawValue) + ["README.md"])
        #expect(folders.allSatisfy { known.contains($0) })
        #expect(!(try Self.inputs()).isEmpty)
    }
}
