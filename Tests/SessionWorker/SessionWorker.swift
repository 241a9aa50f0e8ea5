import Memcached
import MemcachedSessions

/// A process of its own that increments the count of a session, for tests with PHP processes beside it.
///
/// Arguments: the save path, the session's id, how often to try, and `locked` or `unlocked`. Prints how many increments
/// were stored, and the code of each that was not.
@main struct SessionWorker {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 5, let tries = Int(arguments[3]) else {
            return print("usage: SessionWorker save-path id tries locked|unlocked")
        }
        var configuration = try MemcachedSessionConfiguration(savePath: arguments[1])
        configuration.client.timeouts.operation = .seconds(20)
        configuration.client.timeouts.connect = .seconds(20)
        configuration.locking.isEnabled = arguments[4] == "locked"
        let handler = try MemcachedSessionHandler(configuration)
        var stored = 0
        var failures: [String] = []
        for _ in 0..<tries {
            do {
                _ = try await handler.withSession(id: arguments[2]) { session in
                    let count = session["count", default: 0]
                    try await Task.sleep(for: .milliseconds(20))
                    session["count"] = count + 1
                }
                stored += 1
            } catch let error as MemcachedSessionError {
                failures.append(error.code.description)
            }
            try await Task.sleep(for: .milliseconds(.random(in: 100...300)))
        }
        print(([String(stored)] + failures).joined(separator: " "))
    }
}
