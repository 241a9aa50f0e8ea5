import Foundation
import MemcachedTestSupport
import PHPSessionCodec

/// A real PHP that keeps its sessions in the memcached of a test, by its own session handler.
///
/// A PHP or an extension that is missing fails the test.
struct PHPPeer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The servers, as in a save path.
    let savePath: String
    let format: PHPSessionFormat
    /// Settings that differ from PHP's defaults.
    let settings: [String: String]

    init(address: TestServerAddress, format: PHPSessionFormat, settings: [String: String] = [:]) {
        self.init(addresses: [address], format: format, settings: settings)
    }

    init(addresses: [TestServerAddress], format: PHPSessionFormat, settings: [String: String] = [:]) {
        self.savePath = addresses.map { "\($0)" }.joined(separator: ",")
        self.format = format
        self.settings = settings
    }

    init(server: MemcachedProcess, format: PHPSessionFormat, settings: [String: String] = [:]) {
        self.init(address: server.address, format: format, settings: settings)
    }

    /// Runs one request of PHP's on a session: it starts the session, runs the source, and writes the session.
    ///
    /// - Parameters:
    ///   - id: The session id.
    ///   - source: PHP source that works on `$_SESSION` and may print.
    /// - Returns: What it printed.
    /// - Throws: ``Failure`` where PHP warned, could not start the session, or did not reach its end.
    func request(_ id: String, _ source: String) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "php-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = folder.appending(path: "request.php")
        try Data(Self.script(source).utf8).write(to: script)
        // A file, not a pipe: nobody has to read while PHP writes.
        let outputFile = folder.appending(path: "output")
        try Data().write(to: outputFile)
        let output = try FileHandle(forWritingTo: outputFile)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let changes = settings.flatMap { ["-d", "\($0.key)=\($0.value)"] }
        process.arguments = ["php"] + changes + [script.path, savePath, format.rawValue, id]
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
        guard status == 0, text.hasSuffix("done\n") else {
            throw Failure(
                description:
                    "PHP ended with status \(status). It needs the packages php-cli php-memcached php-igbinary "
                    + "php-msgpack (Scripts/install-deps). It printed: \(text.prefix(2_000))"
            )
        }
        return String(text.dropLast("done\n".count))
    }

    private static func script(_ source: String) -> String {
        """
        <?php
        set_error_handler(function ($number, $message) { echo "warning: $message\\n"; exit(2); });
        foreach (['memcached', 'igbinary', 'msgpack'] as $extension) {
            if (!extension_loaded($extension)) { echo "the extension $extension is missing\\n"; exit(3); }
        }
        enum Suit: string { case Hearts = 'H'; case Spades = 'S'; }
        class User {
            public $friend = null;
            protected $name = 'Ann';
            private $pin = 7;
            public function name() { return $this->name; }
        }
        ini_set('session.use_cookies', '0');
        ini_set('session.use_strict_mode', '0');
        ini_set('session.cache_limiter', '');
        ini_set('session.save_handler', 'memcached');
        ini_set('session.save_path', $argv[1]);
        ini_set('session.serialize_handler', $argv[2]);
        session_id($argv[3]);
        if (!session_start()) { echo "the session did not start\\n"; exit(4); }
        \(source)
        session_write_close();
        echo "done\\n";

        """
    }
}
