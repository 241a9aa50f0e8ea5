import Foundation

/// The built `memc`, run as a process of its own.
struct Tool {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// What a run left behind.
    struct Run: CustomStringConvertible {
        var status: Int32
        var output: [UInt8]
        var complaint: String

        /// Standard output as lines without their line feeds.
        var lines: [String] {
            var lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            return lines.map { String(decoding: $0, as: UTF8.self) }
        }

        var description: String { "status \(status), \(output.count) bytes, \"\(complaint)\"" }
    }

    /// The environment of the process; nothing of the tests' own but what finds libraries.
    var environment: [String: String] = [:]

    /// Runs the tool to its end.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - input: What it can read from standard input.
    /// - Returns: Its status and what it wrote.
    /// - Throws: ``Missing`` when it is not built; errors of files and processes.
    func run(_ arguments: [String], input: some Sequence<UInt8> = []) async throws -> Run {
        let folder = try Folder()
        defer { folder.remove() }
        // Files, not pipes: nobody has to read while the tool writes.
        let inputFile = try folder.write("input", Data(input))
        let outputFile = try folder.write("output", Data())
        let complaintFile = try folder.write("complaint", Data())

        let process = Process()
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .filter { $0.key == "PATH" || $0.key.hasPrefix("LD_") || $0.key.hasPrefix("DYLD_") }
            // Under the address sanitizer: what a tool holds when it exits is for the system to free.
            .merging(["ASAN_OPTIONS": "detect_leaks=0"]) { _, new in new }
            .merging(environment) { _, new in new }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = try FileHandle(forWritingTo: outputFile)
        process.standardError = try FileHandle(forWritingTo: complaintFile)
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Run(
            status: status,
            output: Array(try Data(contentsOf: outputFile)),
            complaint: String(decoding: try Data(contentsOf: complaintFile), as: UTF8.self)
        )
    }

    /// Where the build put the tool: beside the tests.
    private static func executable() throws -> URL {
        let bundles = Bundle.allBundles.map(\.bundleURL).filter { $0.pathExtension == "xctest" }
        let programs = [Bundle.main.executableURL].compactMap(\.self)
        for neighbour in bundles + programs {
            let tool = neighbour.deletingLastPathComponent().appending(path: "memc")
            if FileManager.default.isExecutableFile(atPath: tool.path()) { return tool }
        }
        throw Missing(description: "the build has no memc beside \(programs.map { $0.path() })")
    }
}

/// A folder of a test's own.
struct Folder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "memc-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    @discardableResult
    func write(_ name: String, _ data: Data) throws -> URL {
        let file = url.appending(path: name)
        try data.write(to: file)
        return file
    }

    func remove() { try? FileManager.default.removeItem(at: url) }
}
