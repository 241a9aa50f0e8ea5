import Foundation

/// The folder `Fixtures/wire` of the package that these tests belong to.
enum VectorFolder {
    static let url = URL(filePath: #filePath)
        .deletingLastPathComponent()  // Vectors
        .deletingLastPathComponent()  // MemcachedWireTests
        .deletingLastPathComponent()  // Tests
        .deletingLastPathComponent()
        .appending(path: "Fixtures/wire", directoryHint: .isDirectory)

    /// The lines of the `.jsonl` files with a prefix, each with the name of its file, in order.
    static func lines(filesBeginningWith prefix: String) throws -> [(file: String, line: String)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))
            .filter { $0.hasPrefix(prefix) && $0.hasSuffix(".jsonl") }
            .sorted()
        return try names.flatMap { name in
            try String(contentsOf: url.appending(path: name), encoding: .utf8)
                .split(separator: "\n")
                .map { (name, String($0)) }
        }
    }
}
