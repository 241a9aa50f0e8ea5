import Foundation
import Hummingbird
import Logging
import MemcachedSessions

/// A page that counts its visits in a session, however many processes serve it.
@main
struct SessionCounter {
    static func main() async {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.contains("--help") || arguments.contains("-h") {
                print(Options.help)
                return
            }
            let options = try Options(arguments: arguments, environment: ProcessInfo.processInfo.environment)
            var logger = Logger(label: options.name, factory: StreamLogHandler.standardError(label:))
            logger.logLevel = options.logLevel
            let application = try CounterApplication.make(options, logger: logger)
            // Ends on SIGTERM and SIGINT: no new connections, requests under way are answered, then the client drains.
            try await application.runService()
        } catch let error as OptionError {
            end(status: EX_USAGE, "\(error)\n\(Options.help)")
        } catch let error as MemcachedSessionError where error.code == .invalidConfiguration {
            end(status: EX_CONFIG, error.detail)
        } catch {
            // Most often the port: "Address already in use".
            end(status: EXIT_FAILURE, "\(error)")
        }
    }

    private static func end(status: CInt, _ text: String) -> Never {
        FileHandle.standardError.write(Data("SessionCounter: \(text)\n".utf8))
        exit(status)
    }
}
