import Foundation
import Testing

@Suite(.serialized) struct PlaceTests {
    struct Row: Decodable {
        struct Server: Decodable {
            let host: String
            let port: Int
        }

        let id: String
        let servers: [Server]
        let keys: [String]
        let picks: [Int]
    }

    private let tool = Tool()

    @Test func `every captured configuration places every key as libmemcached did`() async throws {
        let lines = try Vectors.lines("hashing/server_selection.jsonl")
        #expect(lines.count == 100)
        let folder = try Folder()
        defer { folder.remove() }
        for line in lines {
            let row = try JSONDecoder().decode(Row.self, from: line)
            // The row as it stands in the file, without the keys and the answers.
            var object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
            object["keys"] = nil
            object["picks"] = nil
            let file = try folder.write("row.json", try JSONSerialization.data(withJSONObject: object))

            let run = try await tool.run(
                ["place", "--config", file.path(), "--base64", "--index"],
                input: row.keys.joined(separator: "\n").utf8
            )
            #expect(run.status == 0, "\(row.id): \(run)")
            #expect(run.lines == row.picks.map { "\($0)" }, "\(row.id)")
            #expect(run.complaint == "", "\(row.id)")
        }
    }

    private func withFile(_ json: String, _ body: (String) async throws -> Void) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        try await body(try folder.write("config.json", Data(json.utf8)).path())
    }

    private let three = """
        {"distribution": "modula", "hash": "md5", "servers": [
            {"host": "10.0.0.1", "port": 11211, "weight": 1}, {"host": "[::1]", "port": 11212}, {"host": "/run/a.sock"}]}
        """

    @Test func `keys are arguments or lines, and a line for each says the server`() async throws {
        try await withFile(three) { file in
            let arguments = try await tool.run(["place", "--config", file, "one", "two", "three four"])
            let lines = try await tool.run(["place", "--config", file], input: "one\ntwo\nthree four\n".utf8)
            #expect(arguments.status == 0)
            #expect(arguments.lines.count == 3)
            #expect(Set(arguments.lines).isSubset(of: ["10.0.0.1:11211", "[::1]:11212", "/run/a.sock"]))
            #expect(lines.output == arguments.output)
            // MD5 of these, little-endian, modulo three.
            let indices = try await tool.run(["place", "--config", file, "--index", "one", "two", "three four"])
            let names = ["10.0.0.1:11211", "[::1]:11212", "/run/a.sock"]
            #expect(arguments.lines == indices.lines.compactMap { Int($0) }.map { names[$0] })
        }
    }

    @Test func `an explanation names server, hash and reason but not the key`() async throws {
        try await withFile(three) { file in
            let run = try await tool.run(["place", "--config", file, "--explain", "some-key"])
            #expect(run.status == 0)
            let line = try #require(run.lines.first)
            #expect(line.contains("server ") && line.contains("hash ") && line.contains("modula"))
            #expect(!line.contains("some-key"))
        }
    }

    @Test func `the sign of char can be chosen`() async throws {
        let servers = (0..<64).map { #"{"host": "h\#($0)"}"# }.joined(separator: ",")
        try await withFile(#"{"distribution": "modula", "hash": "default", "servers": [\#(servers)]}"#) { file in
            let keys = (0..<40).map { "é\($0)" }
            let signed = try await tool.run(["place", "--config", file] + keys)
            let unsigned = try await tool.run(["place", "--config", file, "--unsigned-char"] + keys)
            #expect(signed.status == 0 && unsigned.status == 0)
            #expect(signed.output != unsigned.output)
        }
    }

    @Test func `a key of any bytes is a line up to its line feed`() async throws {
        try await withFile(three) { file in
            let key: [UInt8] = [0x00, 0xFF, 0x0D, 0x20, 0x80]
            let raw = try await tool.run(["place", "--config", file, "--index"], input: key)
            let base64 = try await tool.run(["place", "--config", file, "--index", "--base64", "AP8NIIA="])
            #expect(raw.status == 0 && raw.lines.count == 1)
            #expect(raw.output == base64.output)
        }
    }

    @Test(arguments: [
        ("", "no JSON"), ("[]", "wrong type"), ("{", "no JSON"), ("{}", "missing"),
        (#"{"distribution": "modula", "hash": "md5"}"#, "servers is missing"),
        (#"{"distribution": "modula", "hash": "md5", "servers": []}"#, "no servers"),
        (#"{"distribution": "ring", "hash": "md5", "servers": [{"host": "a"}]}"#, "distribution"),
        (#"{"distribution": "modula", "hash": "sha1", "servers": [{"host": "a"}]}"#, "hash has to be"),
        (#"{"distribution": "ketama", "hash": "md5", "point_hash": "x", "servers": [{"host": "a"}]}"#, "point_hash"),
        (#"{"distribution": "modula", "hash": "md5", "servers": [{"host": "a", "port": "1"}]}"#, "servers [0] port"),
        (#"{"distribution": "modula", "hash": "md5", "servers": [{"host": "a", "port": 99999}]}"#, "0...65535"),
        (#"{"distribution": "modula", "hash": "md5", "servers": [{"host": "a", "weight": -1}]}"#, "weight"),
        (#"{"distribution": "modula", "hash": "md5", "servers": [{"host": "a", "weight": 1e99}]}"#, "number"),
        (#"{"distribution": "modula", "hash": "md5", "servers": [{"host": "a"}], "dead": [0]}"#, "ejected"),
        (#"{"distribution": "modula", "hash": "md5", "servers": [{"host": "a"}], "dead": [-7]}"#, "ejected"),
        (
            #"{"distribution": "virtual_bucket", "hash": "md5", "servers": [{"host": "a"}], "vbucket_map": [1]}"#,
            "Bucket"
        ),
    ])
    func `a file that cannot be is wrong data, with the reason`(json: String, reason: String) async throws {
        try await withFile(json) { file in
            let run = try await tool.run(["place", "--config", file, "key"])
            #expect(run.status == 65, "\(run)")
            #expect(run.complaint.contains(reason), "\(run)")
            #expect(run.output.isEmpty)
        }
    }

    @Test func `credentials in a host are not shown`() async throws {
        let json = #"{"distribution": "modula", "hash": "md5", "servers": [{"host": "alice:s3cret@h"}]}"#
        try await withFile(json) { file in
            let run = try await tool.run(["place", "--config", file, "key"])
            #expect(run.status == 65)
            #expect(!run.complaint.contains("alice") && !run.complaint.contains("s3cret"))
        }
    }

    @Test(arguments: [
        (["", "x"], "key 1 has 0 bytes"), (["x", String(repeating: "k", count: 251)], "key 2 has 251 bytes"),
        (["--base64", "a===b"], "key 1 is not Base64"),
    ])
    func `a key that cannot be is wrong data, and nothing is printed`(arguments: [String], reason: String) async throws
    {
        try await withFile(three) { file in
            let run = try await tool.run(["place", "--config", file] + arguments)
            #expect(run.status == 65)
            #expect(run.complaint.contains(reason), "\(run)")
            #expect(run.output.isEmpty)
        }
        try await withFile(three) { file in
            let run = try await tool.run(["place", "--config", file], input: "a\n\nb\n".utf8)
            #expect(run.status == 65)
            #expect(run.complaint.contains("line 2 of standard input has 0 bytes"))
        }
    }

    @Test func `a missing file and wrong usage have their own statuses`() async throws {
        #expect(try await tool.run(["place", "--config", "/nowhere/x.json", "k"]).status == 66)
        #expect(try await tool.run(["place", "k"]).status == 64)
        #expect(try await tool.run(["place", "--config", "x", "--index", "--explain", "k"]).status == 64)
        #expect(try await tool.run(["no-such-command"]).status == 64)
        #expect(try await tool.run(["--help"]).status == 0)
    }
}
