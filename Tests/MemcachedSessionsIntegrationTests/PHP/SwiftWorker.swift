import Foundation

/// The built `SessionWorker`, run as a process of its own.
enum SwiftWorker {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs it to its end.
    ///
    /// - Parameter arguments: See `SessionWorker`.
    /// - Returns: The words that it printed.
    /// - Throws: ``Failure`` when it is not built or does not end well.
    static func run(_ arguments: [String]) async throws -> [String] {
        let outputFile = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString)")
        try Data().write(to: outputFile)
        defer { try? FileManager.default.removeItem(at: outputFile) }
        let output = try FileHandle(forWritingTo: outputFile)
        let process = Process()
        process.executableURL = try executable()
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let text = String(decoding: try Data(contentsOf: outputFile), as: UTF8.self)
        guard status == 0 else { throw Failure(description: "it ended with status \(status): \(text.prefix(2_000))") }
        return text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// Where the build put it: beside the tests.
    private static func executable() throws -> URL {
        let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
        let programs = [Bundle.main.executableURL].compactMap(\.self)
        for neighbour in bundles + programs {
            let tool = neighbour.deletingLastPathComponent().appending(path: "SessionWorker")
            if FileManager.default.isExecutableFile(atPath: tool.path()) { return tool }
        }
        throw Failure(description: "the build has no SessionWorker beside \(programs.map { $0.path() })")
    }
}
