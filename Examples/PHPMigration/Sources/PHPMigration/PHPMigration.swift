import Foundation
import Hummingbird
import HummingbirdMemcached
import Logging
import Memcached
import MemcachedSessions

/// The page of `www/index.php` in Swift, on the same sessions under the same cookie.
///
/// Everything about sessions comes from the file of settings that PHP reads too.
@main
struct PHPMigration {
    static func main() async {
        do {
            let environment = ProcessInfo.processInfo.environment
            guard
                CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--port",
                let port = UInt16(CommandLine.arguments[2]), let settings = environment["SETTINGS"]
            else { end(status: EX_USAGE, "usage: SETTINGS=sessions.ini PHPMigration --port N") }
            try await run(settings: settings, port: Int(port), name: environment["DYNO"] ?? "web.1")
        } catch let error as MemcachedSessionError {
            end(status: EX_CONFIG, error.detail)
        } catch {
            end(status: EXIT_FAILURE, "\(error)")
        }
    }

    private static func run(settings: String, port: Int, name: String) async throws {
        let logger = Logger(label: name, factory: StreamLogHandler.standardError(label:))
        var sessions = try MemcachedSessionConfiguration(phpINIFile: settings)
        sessions.client.logger = logger
        let handler = try MemcachedSessionHandler(sessions)

        let router = Router(context: BasicMemcachedSessionRequestContext.self)
        let pages = router.group().add(middleware: MemcachedSessionMiddleware(handler))
        pages.get("/") { _, context in try count(context.session, name) }
        pages.post("/login") { _, context in
            let session = try context.session
            try session.logIn("alice")
            return try count(session, name)
        }
        pages.post("/logout") { _, context in
            try context.session.destroy()
            return "Goodbye\n"
        }
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            services: [handler.client],
            onServerRunning: { _ in logger.notice("\(name) listens on 127.0.0.1:\(port)") },
            logger: logger
        )
        try await application.runService()
    }

    /// Counts a visit, and adds this process to the list that PHP keeps as an array.
    private static func count(_ session: MemcachedSession, _ name: String) throws -> String {
        let count = session["count", default: 0] &+ 1
        session["count", default: 0] = count
        session["seen", default: [String]()].append(name)
        let process = ProcessInfo.processInfo.processIdentifier
        return "{\"count\":\(count),\"pid\":\(process),\"process\":\"\(name)\"}\n"
    }

    private static func end(status: CInt, _ text: String) -> Never {
        FileHandle.standardError.write(Data("PHPMigration: \(text)\n".utf8))
        exit(status)
    }
}
