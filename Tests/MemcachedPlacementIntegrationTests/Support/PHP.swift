import Foundation

/// The PHP of this machine, with its Memcached class.
enum PHP {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a script that finds the decoded JSON of `input` in `$input` and the function `configured` below.
    ///
    /// - Returns: What it printed as JSON after its last line but `done`.
    /// - Throws: ``Failure`` when PHP or its extension is missing, or when the script printed a warning or failed.
    static func run<Output: Decodable>(
        _ script: String,
        input: some Encodable,
        as _: Output.Type
    ) async throws -> Output {
        let folder = FileManager.default.temporaryDirectory.appending(path: "php-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "script.php")
        try Data((preamble + script).utf8).write(to: file)
        // Files, not pipes: nobody has to read while PHP writes.
        let inputFile = folder.appending(path: "input")
        let outputFile = folder.appending(path: "output")
        try JSONEncoder().encode(input).write(to: inputFile)
        try Data().write(to: outputFile)

        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["php", "-d", "display_errors=stdout", "-d", "error_reporting=-1", file.path]
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        let output = try FileHandle(forWritingTo: outputFile)
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
        let lines = try Data(contentsOf: outputFile).split(separator: UInt8(ascii: "\n"))
        guard status == 0, lines.count == 2, let json = lines.first, lines.last == Data("done".utf8) else {
            let text = lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
            throw Failure(
                description:
                    "PHP ended with status \(status). It needs the packages php-cli and php-memcached "
                    + "(Scripts/install-deps). It printed: \(text.prefix(2_000))"
            )
        }
        return try JSONDecoder().decode(Output.self, from: json)
    }

    /// `configured` makes a Memcached object by a setting's steps, in their order, as an application would.
    private static let preamble = """
        <?php
        set_error_handler(function ($number, $message) { echo "warning: $message\\n"; exit(2); });
        if (!extension_loaded('memcached')) { echo "the extension memcached is missing\\n"; exit(3); }
        $input = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
        register_shutdown_function(function () { if (error_get_last() === null) echo "\\ndone\\n"; });
        function check($ok, $what) {
            if (!$ok) { echo "failed: $what\\n"; exit(4); }
        }
        function configured($steps, $servers) {
            $m = new Memcached();
            check($m->setOption(Memcached::OPT_BINARY_PROTOCOL, true), 'binary protocol');
            foreach ($steps as $step) {
                if (isset($step['servers'])) {
                    check($m->addServers($servers), 'addServers');
                } elseif (isset($step['buckets'])) {
                    check($m->setBucket($step['buckets'], null, 0), 'setBucket');
                } elseif (isset($step['prefix'])) {
                    check($m->setOption(Memcached::OPT_PREFIX_KEY, $step['prefix']), 'prefix');
                } else {
                    check($m->setOption($step['option'], $step['value']), 'option ' . $step['option']);
                }
            }
            return $m;
        }

        """
}
