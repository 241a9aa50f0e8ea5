import ArgumentParser
import Memcached
import NIOCore

/// `memc get KEY`: the value, byte for byte.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Write the value of an item to standard output, byte for byte as it is stored.",
        discussion: "Nothing is added, not even a line break. Without such an item the exit status is 1."
    )

    @OptionGroup var key: KeyArgument

    @Flag(help: "Write the item's flags, its CAS and its length on standard error.")
    var verbose = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailures {
            let key = try key.memcachedKey()
            guard let item = try await connection.withClient({ try await $0.get(key) }) else {
                throw ExitCode(ExitStatus.miss.rawValue)
            }
            if verbose {
                let cas = item.cas.map { "\($0)" } ?? "none"
                Console.complain("flags \(item.flags), CAS \(cas), \(item.value.readableBytes) bytes")
            }
            try Console.write(item.bytes)
        }
    }
}
