import ArgumentParser

/// The command-line tool: operations on a cache, the place of a key, PHP's session formats.
@main
struct Memc: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "memc",
        abstract: "Read and write a memcached, see where keys are kept, read PHP sessions.",
        discussion: """
            Exit status: 0 done; 1 no such item; 64 wrong usage; 65 wrong data; 66 a file cannot be read; 69 a server \
            cannot be reached or did not answer in time; 70 a server answered with an error; 74 input or output \
            failed; 75 a server is out of memory or busy; 76 what answers is no memcached; 77 not permitted; 78 the \
            environment does not name a cache, or a file for TLS cannot be used.
            """,
        subcommands: [
            GetCommand.self, SetCommand.self, DeleteCommand.self, StatsCommand.self, VersionCommand.self,
            StatusCommand.self, PlaceCommand.self, PHPCommand.self,
        ]
    )
}
