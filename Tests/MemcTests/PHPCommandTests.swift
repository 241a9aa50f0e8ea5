import Foundation
import Testing

@Suite(.serialized) struct PHPCommandTests {
    static let formats = ["php", "php_binary", "php_serialize", "igbinary", "msgpack"]

    struct Row: Decodable {
        let name: String
        let handler: String
        let bytesBase64: String?
        let reencodedBase64: String?
        let decodedMeaning: Ignored?
        let decodeError: String?
        let plainJson: String?
        let error: String?

        var bytes: [UInt8] { bytesBase64.flatMap { Data(base64Encoded: $0) }.map { Array($0) } ?? [] }
        var reencoded: [UInt8]? { reencodedBase64.flatMap { Data(base64Encoded: $0) }.map { Array($0) } }
    }

    struct Ignored: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    struct BadRow: Decodable {
        let name: String
        let handler: String
        let bytesBase64: String

        var bytes: [UInt8] { Data(base64Encoded: bytesBase64).map { Array($0) } ?? [] }
    }

    /// Sessions whose typed tree is not PHP's `json_meaning`, and what it is that no byte of them says.
    static let known: [String: String] = [
        "obj_magic_serialize": "which of the keys that __serialize returned its __unserialize makes properties of",
        "obj_magic_nested": "which of the keys that __serialize returned its __unserialize makes properties of",
        "obj_C_serializable": "what the class makes of the text that its Serializable::serialize returned",
        "obj_C_empty": "what the class makes of the text that its Serializable::serialize returned",
        "arrayobject": "that the second of the keys 0 to 3 holds what PHP shows as properties",
        "splobjectstorage": "that PHP shows nothing of what __serialize returned as properties",
        "spl_queue": "that PHP shows nothing of what __serialize returned as properties",
        "incomplete_class": "that the PHP which was captured had no class of this name",
    ]

    /// The same in one format: msgpack writes a case of an enumeration like any object with a property `name`.
    static let knownInMessagePack = ["enum_pure", "mixed_everything"]

    /// Sessions that come back with the same meaning in other bytes, and why.
    static let rewritten = [
        "arr_types": "igbinary writes equal arrays once where PHP shares them, which the tree does not say",
        "arr_copies": "igbinary writes equal arrays once where PHP shares them, which the tree does not say",
    ]

    private let tool = Tool()

    private static func rows(_ format: String) throws -> [Row] {
        try Vectors.rows("php/php_sessions.jsonl", as: Row.self).filter { $0.handler == format && $0.error == nil }
    }

    @Test(arguments: formats)
    func `every captured session survives decode and encode`(format: String) async throws {
        let rows = try Self.rows(format)
        #expect(rows.count > 100)
        // All rows in one process: starting one for each would take most of the time.
        let decoded = try await php("decode", format, ["--base64"], rows.map { Data($0.bytes).base64EncodedString() })
        let encoded = try await php("encode", format, ["--base64"], decoded)
        let again = try await php("decode", format, ["--base64"], encoded)
        try #require(decoded.count == rows.count && encoded.count == rows.count && again.count == rows.count)
        for (index, row) in rows.enumerated() {
            let bytes = Data(base64Encoded: encoded[index]).map { Array($0) }
            if bytes == row.bytes || bytes == row.reencoded { continue }
            #expect(Self.rewritten[row.name] != nil, "\(row.name)")
            #expect(again[index] == decoded[index], "\(row.name)")
        }
        // A process with one session in its own bytes says the same.
        for (row, line) in zip(rows, decoded).prefix(8) {
            let run = try await tool.run(["php", "decode", "--format", format, "--typed"], input: row.bytes)
            #expect(run.status == 0 && run.complaint == "" && run.lines == [line], "\(row.name): \(run)")
            let back = try await tool.run(["php", "encode", "--format", format, "--typed"], input: run.output)
            #expect(back.status == 0 && back.complaint == "", "\(row.name): \(back)")
            if Self.rewritten[row.name] == nil {
                #expect(back.output == row.bytes || back.output == row.reencoded, "\(row.name)")
            }
        }
    }

    /// Runs `memc php` on lines, and gives back the lines that it printed.
    private func php(_ verb: String, _ format: String, _ options: [String], _ lines: [String]) async throws -> [String]
    {
        let input = lines.map { $0 + "\n" }.joined()
        let run = try await tool.run(["php", verb, "--format", format, "--typed"] + options, input: input.utf8)
        #expect(run.status == 0 && run.complaint == "", "\(format): \(run)")
        return run.lines
    }

    @Test func `a malformed line among others is named, and nothing is printed`() async throws {
        let good = Data("a|i:1;".utf8).base64EncodedString()
        let bad = Data("a|i:x;".utf8).base64EncodedString()
        for (lines, reason) in [
            ([good, bad, good], #/line 2 of standard input: .* at byte \d+/#),
            ([good, good, "???"], #/line 3 of standard input: not Base64/#),
        ] {
            let input = lines.map { $0 + "\n" }.joined()
            let run = try await tool.run(["php", "decode", "--format", "php", "--base64"], input: input.utf8)
            #expect(run.status == 65 && run.output.isEmpty, "\(run)")
            #expect(run.complaint.contains(reason), "\(run)")
        }
        let run = try await tool.run(["php", "encode", "--format", "php", "--base64"], input: "{\"a\":1}\n5\n".utf8)
        #expect(run.status == 65 && run.output.isEmpty && run.complaint.contains("line 2"), "\(run)")
        #expect(try await php("decode", "php", ["--base64"], []).isEmpty)
    }

    @Test(arguments: formats)
    func `a captured session is decoded into what PHP says it means`(format: String) async throws {
        var rows: [[String: Any]] = []
        for line in try Vectors.lines("php/php_sessions.jsonl") {
            guard let row = try JSONSerialization.jsonObject(with: line) as? [String: Any] else { continue }
            if row["handler"] as? String == format, row["error"] == nil { rows.append(row) }
        }
        let bytes = rows.map { row in (row["bytes_base64"] as? String).flatMap { Data(base64Encoded: $0) } ?? Data() }
        let trees = try await php("decode", format, ["--base64"], bytes.map { $0.base64EncodedString() })
        try #require(trees.count == rows.count)
        // One after another, as most will call it, gives the same; all rows would take minutes.
        for (bytes, tree) in zip(bytes, trees).prefix(5) {
            let run = try await tool.run(["php", "decode", "--format", format, "--typed"], input: bytes)
            #expect(run.status == 0 && run.output.last == 0x0a && run.lines == [tree], "\(run)")
        }
        var differing: Set<String> = []
        for (row, text) in zip(rows, trees) {
            guard let name = row["name"] as? String else { continue }
            let tree = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary
            // What PHP lost on writing is not in the bytes; the row then says what PHP itself reads of them.
            let lost = row["decoded_meaning"] as? NSDictionary
            let meaning = try #require(lost ?? row["json_meaning"] as? NSDictionary)
            if tree != meaning { differing.insert(name) }
        }
        #expect(differing == Set(Self.known.keys).union(format == "msgpack" ? Self.knownInMessagePack : []))
    }

    @Test(arguments: formats)
    func `plain JSON goes in and out`(format: String) async throws {
        let json = #"{"name":"Zoë \"Z\"","n":-12,"f":1.5,"list":[1,2,[]],"map":{"a":null,"b":true}}"#
        let encoded = try await tool.run(["php", "encode", "--format", format], input: json.utf8)
        #expect(encoded.status == 0, "\(encoded)")
        let decoded = try await tool.run(["php", "decode", "--format", format], input: encoded.output)
        #expect(decoded.status == 0, "\(decoded)")
        #expect(decoded.lines.count == 1)
        let again = try await tool.run(["php", "encode", "--format", format], input: decoded.output)
        #expect(again.output == encoded.output)
        if format == "php" {
            #expect(
                encoded.output
                    == Array(
                        (#"name|s:8:"Zoë "Z"";n|i:-12;f|d:1.5;list|a:3:{i:0;i:1;i:1;i:2;i:2;a:0:{}}"#
                            + #"map|a:2:{s:1:"a";N;s:1:"b";b:1;}"#)
                            .utf8
                    )
            )
        }
    }

    @Test func `plain JSON of captured sessions is PHP's`() async throws {
        var compared = 0
        for row in try Self.rows("php_binary").prefix(40) {
            guard let expected = row.plainJson, row.decodedMeaning == nil, !expected.contains("__PHP") else { continue }
            let run = try await tool.run(["php", "decode", "--format", "php_binary"], input: row.bytes)
            // Objects of classes that write themselves are told differently; PHPSessionCodecTests has the list.
            if run.lines == [expected] { compared += 1 }
        }
        #expect(compared > 30)
    }

    @Test func `every malformed session ends with its reason and offset, or with JSON`() async throws {
        let rows = try Vectors.rows("php/php_sessions_bad.jsonl", as: BadRow.self)
        #expect(rows.count == 145)
        var refused = 0
        for row in rows {
            let run = try await tool.run(["php", "decode", "--format", row.handler, "--typed"], input: row.bytes)
            if run.status == 0 {
                #expect(run.lines.count == 1 && run.complaint == "", "\(row.name)")
            } else {
                refused += 1
                #expect(run.status == 65, "\(row.name) (\(row.handler)): \(run)")
                #expect(run.complaint.contains(#/ at byte \d+: ./#), "\(row.name) (\(row.handler)): \(run)")
                #expect(run.output.isEmpty, "\(row.name)")
            }
        }
        #expect(refused > 70)
    }

    @Test(arguments: [
        (["--format", "php"], "{", "byte"), (["--format", "php"], "[1]", "integer names"),
        (["--format", "php"], "5", "object of variables"), (["--format", "php"], #"{"a|b":1}"#, "'|'"),
        (["--format", "php", "--typed"], #"{"t":"int","v":"5"}"#, "array"),
        (["--format", "php", "--typed"], #"{"t":"nonsense"}"#, "malformed"),
        (["--format", "msgpack"], #"{"5":1}"#, "integer"),
    ])
    func `JSON that is no session is wrong data`(arguments: [String], json: String, reason: String) async throws {
        let run = try await tool.run(["php", "encode"] + arguments, input: json.utf8)
        #expect(run.status == 65, "\(run)")
        #expect(run.complaint.contains(reason), "\(run)")
        #expect(run.output.isEmpty)
    }

    @Test func `a format has to be named and known`() async throws {
        #expect(try await tool.run(["php", "decode"]).status == 64)
        #expect(try await tool.run(["php", "decode", "--format", "wddx"]).status == 64)
        #expect(try await tool.run(["php", "decode", "--format", "php"]).output == Array("[]\n".utf8))
    }

    @Test func `an error holds nothing of the session`() async throws {
        let run = try await tool.run(
            ["php", "decode", "--format", "php"],
            input: #"token|s:40:"s3cret-value";"#.utf8
        )
        #expect(run.status == 65)
        #expect(!run.complaint.contains("s3cret") && !run.complaint.contains("token"))
    }
}
