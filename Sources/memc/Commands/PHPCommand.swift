public import ArgumentParser
import Foundation
public import PHPSessionCodec

/// `memc php`: PHP's session formats.
struct PHPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "php",
        abstract: "Read and write sessions in PHP's formats.",
        discussion: """
            Nothing is sent anywhere. To look at a session in a cache: \
            memc get memc.sess.key.ID | memc php decode --format php
            """,
        subcommands: [PHPDecodeCommand.self, PHPEncodeCommand.self]
    )
}

/// What `decode` and `encode` have in common.
struct PHPFormatOptions: ParsableArguments {
    @Option(help: "The format, as PHP's session.serialize_handler names it.")
    var format: PHPSessionFormat

    @Flag(
        help: ArgumentHelp(
            "JSON that says everything PHP's data says: types, order, objects, references.",
            discussion: "Without it the JSON is what PHP's json_encode makes of the variables, and may lose some."
        )
    )
    var typed = false

    @Flag(
        help: ArgumentHelp(
            "Many sessions: a line for each, with the session in Base64.",
            discussion: "Lines come out in the order in which they came in, or none when one of them is malformed."
        )
    )
    var base64 = false
}

extension PHPSessionFormat: ExpressibleByArgument {}

extension PHPFormatOptions {
    /// A session as JSON.
    func decoded(_ bytes: [UInt8]) throws(Failure) -> String {
        do throws(PHPSessionCodecError) {
            let root = try PHPSession(decoding: bytes, format: format).root
            return typed ? try root.typedJSON() : try root.plainJSON()
        } catch {
            throw Failure(.data, "\(error)")
        }
    }

    /// JSON as a session.
    func encoded(_ json: [UInt8]) throws(Failure) -> [UInt8] {
        do throws(PHPSessionCodecError) {
            let root =
                typed
                ? try PHPValue(typedJSON: json, content: .unsafeObjects)
                : try PHPValue(plainJSON: json)
            if let variables = root.array { return try PHPSession(variables, format: format).encoded() }
        } catch {
            throw Failure(.data, "\(error)")
        }
        throw Failure(.data, typed ? "the root has to be an array" : "the JSON has to be an object of variables")
    }
}

/// `memc php decode`: a session to JSON.
struct PHPDecodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Read a session from standard input and print it as one line of JSON.",
        discussion: "Malformed input gives exit status 65, with the reason and the byte on standard error."
    )

    @OptionGroup var options: PHPFormatOptions

    func run() async throws {
        try await reportingFailures {
            let input = try Console.readAll()
            guard options.base64 else { return try Console.write(lines: [try options.decoded(input)]) }
            try Console.write(
                lines: try InputLines(input)
                    .map { line in
                        guard let session = Data(base64Encoded: Data(line)) else { throw Failure(.data, "not Base64") }
                        return try options.decoded(Array(session))
                    }
            )
        }
    }
}

/// `memc php encode`: JSON to a session.
struct PHPEncodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Read JSON from standard input and write it as a session.",
        discussion: """
            Plain JSON is an object of variables and becomes arrays and scalars. A typed tree (--typed) may hold \
            objects of any class: PHP runs code of theirs when it reads them, so take trees from where you trust.
            """
    )

    @OptionGroup var options: PHPFormatOptions

    func run() async throws {
        try await reportingFailures {
            let input = try Console.readAll()
            guard options.base64 else { return try Console.write(try options.encoded(input)) }
            try Console.write(
                lines: try InputLines(input).map { Data(try options.encoded($0)).base64EncodedString() }
            )
        }
    }
}
