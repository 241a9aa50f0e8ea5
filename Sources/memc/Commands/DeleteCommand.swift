import ArgumentParser
import Memcached

/// `memc delete KEY`.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove an item.",
        discussion: "Without such an item the exit status is 1."
    )

    @OptionGroup var key: KeyArgument
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailures {
            let key = try key.memcachedKey()
            guard try await connection.withClient({ try await $0.delete(key) }) else {
                throw ExitCode(ExitStatus.miss.rawValue)
            }
        }
    }
}
