import Foundation

/// The keys that `memc place` is asked about, from its arguments or from lines of standard input.
struct PlacedKeys {
    let keys: [[UInt8]]

    /// Takes keys from arguments.
    init(arguments: [String], isBase64: Bool) throws {
        keys = try arguments.enumerated()
            .map { number, text in
                try Self.key(Array(text.utf8), isBase64: isBase64, place: "key \(number + 1)")
            }
    }

    /// Takes a key from each line; a line ends with a line feed and nothing else is taken off it.
    init(lines bytes: [UInt8], isBase64: Bool) throws {
        keys = try InputLines(bytes).lines.enumerated()
            .map { number, line in
                try Self.key(Array(line), isBase64: isBase64, place: "line \(number + 1) of standard input")
            }
    }

    private static func key(_ text: [UInt8], isBase64: Bool, place: String) throws -> [UInt8] {
        var key = text
        if isBase64 {
            guard let data = Data(base64Encoded: Data(text)) else { throw Failure(.data, "\(place) is not Base64") }
            key = Array(data)
        }
        // Beyond this libmemcached refuses to tell a server, and memcached to store.
        guard (1...250).contains(key.count) else {
            throw Failure(.data, "\(place) has \(key.count) bytes; a key has 1 to 250")
        }
        return key
    }
}
