import Foundation
import Memcached
import MemcachedTestSupport

extension MemcachedConfiguration {
    /// A configuration for a server of the tests, with a transcoder, and with patience: these tests are about bytes.
    init(_ server: MemcachedProcess, transcoder: any MemcachedTranscoder) {
        switch server.address {
        case .tcp(let host, let port): self.init(servers: [.tcp(host, port: UInt16(port))])
        case .unixSocket(let path): self.init(servers: [.unix(path)])
        }
        self.transcoder = transcoder
        timeouts.operation = .seconds(60)
        timeouts.connect = .seconds(30)
    }
}

/// The PHP of this machine, with its Memcached class.
enum PHP {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a script that finds the class connected to a server in `$m` and the lines of its input in `$lines`.
    ///
    /// - Returns: The lines that it printed.
    /// - Throws: ``Failure`` when PHP or its extension is missing, or when the script printed a warning or failed.
    static func run(_ script: String, input: [String] = [], on server: MemcachedProcess) async throws -> [String] {
        guard case .tcp(let host, let port) = server.address else { throw Failure(description: "not a TCP server") }
        let folder = FileManager.default.temporaryDirectory.appending(path: "php-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "script.php")
        try Data((preamble(host: host, port: port) + script).utf8).write(to: file)
        // Files, not pipes: nobody has to read while PHP writes.
        let inputFile = folder.appending(path: "input")
        let outputFile = folder.appending(path: "output")
        try Data(input.joined(separator: "\n").utf8).write(to: inputFile)
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
        let text = String(decoding: try Data(contentsOf: outputFile), as: UTF8.self)
        let lines = text.split(separator: "\n").map(String.init)
        guard status == 0, lines.last == "done" else {
            throw Failure(
                description:
                    "PHP ended with status \(status). It needs the packages php-cli php-memcached php-igbinary "
                    + "php-msgpack (Scripts/install-deps). It printed: \(text.prefix(2_000))"
            )
        }
        return lines.dropLast()
    }

    private static func preamble(host: String, port: Int) -> String {
        """
        <?php
        set_error_handler(function ($number, $message) { echo "warning: $message\\n"; exit(2); });
        foreach (['memcached', 'igbinary', 'msgpack'] as $extension) {
            if (!extension_loaded($extension)) { echo "the extension $extension is missing\\n"; exit(3); }
        }
        $lines = array_filter(explode("\\n", stream_get_contents(STDIN)), 'strlen');
        $m = new Memcached();
        $m->setOption(Memcached::OPT_BINARY_PROTOCOL, true);
        $m->addServer('\(host)', \(port));
        register_shutdown_function(function () { if (error_get_last() === null) echo "done\\n"; });
        function check($ok) {
            global $m;
            if (!$ok) { echo 'failed: ', $m->getResultMessage(), "\\n"; exit(4); }
        }

        """
    }
}
