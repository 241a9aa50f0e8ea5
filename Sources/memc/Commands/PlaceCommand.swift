import ArgumentParser
import MemcachedHashing

/// `memc place`: which server keeps which key, without asking any.
struct PlaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "place",
        abstract: "Print the server that keeps each key; nothing is sent anywhere.",
        discussion: """
            FILE is a JSON object with "distribution", "hash" and "servers" ([{"host", "port", "weight"}, …]) and, \
            where they matter, "weighted", "point_hash", "namespace", "hash_with_namespace", "sort_hosts", \
            "vbucket_map" and "dead" (indices of ejected servers), with libmemcached's names. The keys are arguments, \
            or lines of standard input. One line is printed for each key.
            """
    )

    @Option(help: ArgumentHelp("How keys are placed on which servers.", valueName: "file"))
    var config: String

    @Flag(help: "The keys are in Base64, for keys that are not text.")
    var base64 = false

    @Flag(help: "Print the server's index in the file instead of its name.")
    var index = false

    @Flag(help: "Print the hash and what led from it to the server as well.")
    var explain = false

    @Flag(help: "Read bytes above 127 as libmemcached does where char is unsigned, on arm64 under Linux.")
    var unsignedChar = false

    @Argument(help: "Keys; without any, one from each line of standard input.")
    var keys: [String] = []

    func validate() throws {
        guard !(index && explain) else { throw ValidationError("Use one of --index and --explain.") }
    }

    func run() async throws {
        try await reportingFailures {
            let ring = try PlacementFile(path: config).ring(byteSign: unsignedChar ? .unsigned : .signed)
            let placed =
                keys.isEmpty
                ? try PlacedKeys(lines: try Console.readAll(), isBase64: base64)
                : try PlacedKeys(arguments: keys, isBase64: base64)
            try Console.write(
                lines: placed.keys.map { key in
                    if explain { return "\(ring.placement(of: key))" }
                    let place = ring.index(forKey: key)
                    return index ? "\(place)" : "\(ring.servers[place])"
                }
            )
        }
    }
}
