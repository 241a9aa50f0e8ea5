import Foundation

/// A server that is told its port on the command line: what to start, and how to see that it listens.
struct Program: Sendable {
    /// A path, or a name that is looked up in `PATH`.
    var executable: String
    /// The arguments for a port.
    var arguments: @Sendable (_ port: Int) -> [String]
    /// What it prints when it listens.
    var readiness: String
    /// What its environment needs besides that of all.
    var variables: [String: String] = [:]

    /// `Examples/SessionCounter`.
    static let sessionCounter = Program(
        executable: built("SessionCounter"),
        arguments: { ["--port", "\($0)"] },
        readiness: "listens on"
    )

    /// `Examples/PHPMigration`: the page in Swift.
    static let migratedPage = Program(
        executable: built("PHPMigration"),
        arguments: { ["--port", "\($0)"] },
        readiness: "listens on",
        variables: ["SETTINGS": settings.appendingPathComponent("sessions.ini").path]
    )

    /// `Examples/PHPMigration`: the page in PHP, in PHP's own server.
    ///
    /// PHP reads the folder of settings after its own.
    static let phpPage = Program(
        executable: "php",
        arguments: { ["-S", "127.0.0.1:\($0)", migration.appendingPathComponent("www/index.php").path] },
        readiness: "Development Server",
        variables: ["PHP_INI_SCAN_DIR": ":\(settings.path)"]
    )

    /// What drives Chromium.
    static let chromeDriver = Program(
        executable: "chromedriver",
        arguments: { ["--port=\($0)"] },
        readiness: "started successfully"
    )

    /// A program that is built next to this one.
    private static func built(_ name: String) -> String {
        let program = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments.first ?? "demo")
        return program.resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// The folder of the example in the checkout that this program was built from.
    private static let migration = URL(fileURLWithPath: #filePath)
        .appendingPathComponent("../../../../../PHPMigration").standardizedFileURL

    private static let settings = migration.appendingPathComponent("settings")
}
