import Foundation
import Memcached
import MemcachedTestSupport
import MemcachedZlib
import NIOCore
import Testing

/// The client writes, PHP's Memcached class reads.
@Suite struct PHPReadsTests {
    private struct Row: Codable, Sendable {
        var id: Int
        var name: String
        var tags: [String]
        var note: String?
    }

    /// Prints key, type and value of what PHP gets, in its own serialisation.
    private let printing = """
        foreach ($lines as $key) {
            $value = $m->get($key);
            check($m->getResultCode() === Memcached::RES_SUCCESS);
            echo "$key ", base64_encode(serialize($value)), "\\n";
        }
        """

    private func read(_ keys: [String], on server: MemcachedProcess) async throws -> [String: String] {
        var values: [String: String] = [:]
        for line in try await PHP.run(printing, input: keys, on: server) {
            let parts = line.split(separator: " ").map(String.init)
            let data = try #require(Data(base64Encoded: parts[1]))
            values[parts[0]] = String(decoding: data, as: UTF8.self)
        }
        return values
    }

    @Test func `PHP gets strings, numbers, booleans and structures as such`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: .phpMemcached()))
            try await client.set("text", to: "héllo")
            try await client.set("empty", to: "")
            try await client.set("bytes", to: [UInt8]("a;b".utf8))
            try await client.set("int", to: Int64.min)
            try await client.set("float", to: 0.1)
            try await client.set("infinite", to: -Double.infinity)
            try await client.set("true", to: true)
            try await client.set("false", to: false)
            try await client.set("list", to: [1, 2])
            try await client.set("null", to: Int?.none)
            try await client.set("row", to: Row(id: 1, name: "n/ü", tags: ["t"]))
            let keys = [
                "text", "empty", "bytes", "int", "float", "infinite", "true", "false", "list", "null", "row",
            ]
            var values = try await read(keys, on: server)
            let row = try #require(values["row"])
            values["row"] = nil
            #expect(
                values == [
                    "text": "s:6:\"héllo\";", "empty": "s:0:\"\";", "bytes": "s:3:\"a;b\";",
                    "int": "i:-9223372036854775808;", "float": "d:0.1;", "infinite": "d:-INF;", "true": "b:1;",
                    "false": "b:0;", "list": "a:2:{i:0;i:1;i:1;i:2;}", "null": "N;",
                ]
            )
            #expect(row.hasPrefix("O:8:\"stdClass\":3:{"))
            for part in ["s:2:\"id\";i:1;", "s:4:\"name\";s:4:\"n/ü\";", "s:4:\"tags\";a:1:{i:0;s:1:\"t\";}"] {
                #expect(row.contains(part))
            }
        }
    }

    @Test(arguments: [MemcachedCompression.fastLZ, .zlib])
    func `PHP reads what is compressed here`(compression: MemcachedCompression) async throws {
        let text = String(repeating: "Zwölf Boxkämpfer jagen Viktor. ", count: 100)
        let large = String(repeating: text, count: 40)
        let list = (0..<2_000).map { $0 % 11 }
        try await withMemcached { server in
            let transcoder = MemcachedPHPTranscoder(compression: compression)
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: transcoder))
            try await client.set("text", to: text)
            try await client.set("large", to: large)
            try await client.set("list", to: list)
            for key: MemcachedKey in ["text", "large", "list"] {
                let flags = try #require(try await client.get(key)).flags
                #expect(flags & 0xF0 == 0x10 | compression.algorithm.format.flag)
            }
            let values = try await read(["text", "large", "list"], on: server)
            #expect(values["text"] == "s:\(text.utf8.count):\"\(text)\";")
            #expect(values["large"] == "s:\(large.utf8.count):\"\(large)\";")
            let items = list.enumerated().map { "i:\($0.offset);i:\($0.element);" }.joined()
            #expect(values["list"] == "a:\(list.count):{\(items)}")
        }
    }

    @Test func `PHP counts on with what the client stored, and the other way round`() async throws {
        try await withMemcached { server in
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: .phpMemcached()))
            try await client.set("n", to: 9)
            _ = try await PHP.run("check($m->increment('n') === 10);", on: server)
            #expect(try await client.decrement("n") == 9)
            let printed = try await PHP.run("echo gettype($m->get('n')), ' ', $m->get('n'), \"\\n\";", on: server)
            #expect(printed == ["integer 9"])
            #expect(try await client.get("n", as: Int.self) == 9)
        }
    }

    @Test func `the compressed values of the standard transcoder are PHP's`() async throws {
        let text = String(repeating: "standard ", count: 1_000)
        try await withMemcached { server in
            let transcoder = MemcachedStandardTranscoder(compression: .zlib)
            let client = try MemcachedClient(MemcachedConfiguration(server, transcoder: transcoder))
            try await client.set("text", to: text)
            #expect(try await read(["text"], on: server) == ["text": "s:9000:\"\(text)\";"])
        }
    }
}
