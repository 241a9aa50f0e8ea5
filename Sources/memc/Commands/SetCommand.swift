import ArgumentParser
import Memcached
import NIOCore

/// `memc set KEY [VALUE]`: stores an argument or standard input.
struct SetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Store an item, whether there is one or not.",
        discussion: """
            Without VALUE standard input is stored, byte for byte up to its end. A value that is too large for the \
            server removes the item that was there, as memcached does.
            """
    )

    @OptionGroup var key: KeyArgument

    @Argument(help: "The value; without it standard input.")
    var value: String?

    @Option(help: "When the item goes, in seconds from now (default: never).")
    var expires: Seconds?

    @Option(help: "The 32-bit word that clients keep beside a value.")
    var flags: UInt32 = 0

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    func run() async throws {
        try await reportingFailures {
            let key = try key.memcachedKey()
            // Before anything is read, so that wrong arguments are told at once.
            _ = try connection.configuration()
            let bytes = try value.map { Array($0.utf8) } ?? Console.readAll()
            let expiration = expires.map { MemcachedExpiration.after($0.duration) } ?? .never
            try await connection.withClient { client in
                _ = try await client.set(key, to: ByteBuffer(bytes: bytes), flags: flags, expiring: expiration)
            }
        }
    }
}
