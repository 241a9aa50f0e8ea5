import ArgumentParser
import Memcached

/// Why a command ends without having done its work: one line for people, and a status for scripts.
struct Failure: Error {
    var status: ExitStatus
    /// In words; never a value, a password or a session.
    var reason: String

    init(_ status: ExitStatus, _ reason: String) {
        self.status = status
        self.reason = reason
    }

    /// An error of the client, with what it says of operation and server.
    init(_ error: MemcachedError) {
        self.init(ExitStatus(error.code), "\(error)")
    }
}

/// Runs the body of a command and turns what it throws into a line on standard error and a status.
///
/// - Parameter body: What the command does.
/// - Throws: `ExitCode`, which ArgumentParser turns into the status of the process.
func reportingFailures(_ body: () async throws -> Void) async throws {
    let failure: Failure
    do {
        return try await body()
    } catch let error as Failure {
        failure = error
    } catch let error as MemcachedError {
        failure = Failure(error)
    }
    Console.complain(failure.reason)
    throw ExitCode(failure.status.rawValue)
}
