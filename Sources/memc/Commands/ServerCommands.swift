import ArgumentParser
import Memcached

/// `memc stats [GROUP]`: what each server tells of itself.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Print the statistics of each server: server, name and value, separated by tabs.",
        discussion: "A server that cannot be asked is named on standard error, and the exit status tells."
    )

    @Argument(help: "A group that the server knows, such as settings, items, slabs (default: the general one).")
    var group: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailures {
            let group = group.map { MemcachedStatistics.Group($0) } ?? .general
            let (answers, failure) = try await connection.eachServer { (client) throws(MemcachedError) in
                try await client.stats(group).values.first?.values ?? [:]
            }
            for (server, values) in answers {
                try Console.write(
                    lines: values.sorted { $0.key < $1.key }.map { "\(server.label)\t\($0.key)\t\($0.value)" }
                )
            }
            if let failure { throw ExitCode(failure.rawValue) }
        }
    }
}

/// `memc version`: the version of each server.
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of each server: server and version, separated by a tab.",
        discussion: "A server that cannot be asked is named on standard error, and the exit status tells."
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailures {
            let (answers, failure) = try await connection.eachServer { (client) throws(MemcachedError) in
                try await client.version().values.first ?? ""
            }
            try Console.write(lines: answers.map { "\($0.server.label)\t\($0.answer)" })
            if let failure { throw ExitCode(failure.rawValue) }
        }
    }
}

/// `memc status`: how each server does, by an operation on a key.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Read a key that is not there from each server, and print how the server and its connections do.",
        discussion: """
            An operation on a key tells what a version does not: a hosted proxy answers the latter while what is \
            behind it is dead. A server that cannot be asked is named on standard error, and the exit status tells.
            """
    )

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailures {
            let key = MemcachedKey("memc:status:\(UInt64.random(in: 0 ... .max))")
            let (answers, failure) = try await connection.eachServer { (client) throws(MemcachedError) in
                _ = try await client.get(key)
                return client.status.description
            }
            try Console.write(lines: answers.map(\.answer))
            if let failure { throw ExitCode(failure.rawValue) }
        }
    }
}
