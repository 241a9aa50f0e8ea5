import Foundation
import MemcachedHashing
import Testing

@testable import Memcached

/// libmemcached's configuration strings.
@Suite struct LibmemcachedOptionsTests {
    struct Row: Decodable, Sendable, CustomTestStringConvertible {
        let string: String
        let keys: [String]
        let picks: [String]

        var testDescription: String { string }

        static func all() throws -> [Row] {
            let file = URL(filePath: #filePath)
                .deletingLastPathComponent()  // Configuration
                .deletingLastPathComponent()  // MemcachedTests
                .deletingLastPathComponent()  // Tests
                .deletingLastPathComponent()
                .appending(path: "Fixtures/hashing/configuration_strings.jsonl")
            return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
                .map { try JSONDecoder().decode(Row.self, from: $0) }
        }
    }

    @Test(arguments: try Row.all())
    func `keys go where libmemcached puts them with the same string`(row: Row) throws {
        #expect(row.keys.count == 60)
        let client = try MemcachedClient(servers: row.string)
        let picks = row.keys.map { client.server(of: MemcachedKey($0)).label }
        #expect(picks == row.picks)
    }

    @Test func `the captured strings are all there`() throws {
        #expect(try Row.all().count == 41)
    }

    @Test func `settings that mean something here are taken over`() throws {
        let configuration = try MemcachedConfiguration(
            servers: """
                --SERVER=cache.example:12000/?3 --server=[::1]:12001 --SOCKET="/run/my cache.sock"/?2
                # a comment with --NOREPLY
                --NAMESPACE="my app:" --CONNECT-TIMEOUT=1500 --POLL-TIMEOUT=250 --VERIFY-KEY --BINARY-PROTOCOL
                END --NO-SUCH-THING
                """
        )
        #expect(
            configuration.servers == [
                .tcp("cache.example", port: 12_000, weight: 3), .tcp("[::1]", port: 12_001),
                .unix("/run/my cache.sock", weight: 2),
            ]
        )
        #expect(configuration.namespace == "my app:")
        #expect(configuration.timeouts.connect == .milliseconds(1_500))
        #expect(configuration.timeouts.operation == .milliseconds(250))
        #expect(configuration.keys.requiresTextSafe)
        #expect(configuration.selection == .libmemcached())
    }

    @Test func `what is done about servers that fail is taken over`() throws {
        let configuration = try MemcachedConfiguration(
            servers: "--SERVER=a --REMOVE-FAILED-SERVERS=1 --SERVER-FAILURE-LIMIT=2 --RETRY-TIMEOUT=30"
        )
        #expect(configuration.failures.policy == .eject)
        #expect(configuration.health.failureThreshold == 2)
        #expect(configuration.backoff.initial == .seconds(30) && configuration.backoff.maximum == .seconds(30))
        let keeping = try MemcachedConfiguration(servers: "--SERVER=a --REMOVE-FAILED-SERVERS=0 --RETRY-TIMEOUT=0")
        #expect(keeping.failures.policy == .keep)
        try keeping.validate()
    }

    @Test func `a weight may stand within the quotes of a socket, as the manual has it`() throws {
        let configuration = try MemcachedConfiguration(servers: #"--SOCKET="/tmp/x/?7""#)
        #expect(configuration.servers == [.unix("/tmp/x", weight: 7)])
    }

    @Test func `the environment takes such a string as well`() throws {
        let configuration = try MemcachedConfiguration.fromEnvironment([
            "MEMCACHED_SERVERS": "--SERVER=a.example --SERVER=b.example --HASH=MD5"
        ])
        #expect(configuration.servers == [.tcp("a.example"), .tcp("b.example")])
        #expect(configuration.selection == .libmemcached(hash: .md5))
    }

    /// The text, and words of the error.
    static let rejected: [(text: String, advice: String)] = [
        ("--", "no option"), ("--SERVER", "host:port"), ("--SERVER=", "host:port"), ("--NAMESPACE=x", "no server"),
        ("--SERVER=a:0", "1 to 65535"), ("--SERVER=a:99999", "1 to 65535"), ("--SERVER=a/?0", "weight"),
        ("--SERVER=a/?x", "weight"), ("--SERVER=a/?99999999999", "weight"), ("--SERVER=/tmp/x", "--SOCKET"),
        ("--SOCKET=a", "path"), ("--SOCKET=/a\u{1B}b", "control"), ("--SERVER=a,b", "comma"),
        ("--SERVER=a --SERVER=b,--SERVER=c", "comma"),
        ("--SERVER=a --DISTRIBUTION=random", "random"), ("--SERVER=a --DISTRIBUTION=x", "consistent or modula"),
        ("--SERVER=a --DISTRIBUTION", "consistent or modula"), ("--SERVER=a --HASH=sha1", "takes a hash"),
        ("--SERVER=a --DISTRIBUTION=consistent,sha1", "takes a hash"), ("--SERVER=a --HASH", "takes a hash"),
        ("--SERVER=a --NAMESPACE=", "text"), ("--SERVER=a --NAMESPACE=x --NAMESPACE=y", "once"),
        ("--SERVER=a --CONNECT-TIMEOUT=0", "milliseconds"), ("--SERVER=a --POLL-TIMEOUT=-1", "milliseconds"),
        ("--SERVER=a --POLL-TIMEOUT=99999999999999999999", "milliseconds"), ("--SERVER=a --SORT-HOSTS=1", "no value"),
        ("--SERVER=a --RETRY-TIMEOUT=x", "number"), ("--SERVER=a --REMOVE-FAILED-SERVERS", "number"),
        ("--SERVER=a --NUMBER-OF-REPLICAS=1", "leave it out"), ("--SERVER=a --USE-UDP", "TCP"),
        ("--SERVER=a --NOREPLY", "answered"), ("--SERVER=a --RCV-TIMEOUT=1", "POLL"),
        ("--SERVER=a --CONFIGURE-FILE=/etc/x", "file"), ("--SERVER=a INCLUDE /etc/x", "file"),
        ("--SERVER=a --TCP-KEEPIDLE", "counterpart"), ("--SERVER=a RESET", "no option"),
        ("--SERVER=a --NO-SUCH", "no option"), ("--SERVER=a b", "no option"), ("--SERVER=\"a", "double quote"),
    ]

    @Test(arguments: rejected)
    func `what means nothing here is an error that says so`(text: String, advice: String) {
        let error = #expect(throws: MemcachedError.self) { try MemcachedConfiguration(servers: text) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains(advice) == true, "\(error?.detail ?? "")")
    }

    @Test(arguments: [
        "--SERVER=alice:s3cret@h:1", "--SERVER=a --SERVER=alice:s3 cret@h", "--SERVER=alice:\"s3 cret@h\"",
        "--SERVER=a --alice:s3cret@h", "--SERVER=alice:s3cret@h --NOREPLY", "--SOCKET=/alice:s3cret@h",
        "--SERVER=h --USER-DATA=alice:s3cret@x", "--NO-SUCH=s3cret --SERVER=alice@h",
        "--SERVER=alice:x@s3 cret@h", "--SERVER=a --SERVER=alice:@s3 cret@h",
    ])
    func `credentials are refused and not shown`(text: String) {
        let error = #expect(throws: MemcachedError.self) { try MemcachedConfiguration(servers: text) }
        let shown = error?.description ?? ""
        #expect(shown.contains("<redacted>"))
        for secret in ["alice", "s3", "cret"] { #expect(!shown.contains(secret)) }
    }

    @Test func `a namespace may hold what looks like credentials, and no error shows it`() throws {
        let configuration = try MemcachedConfiguration(servers: "--SERVER=a --NAMESPACE=me@here:")
        #expect(configuration.namespace == "me@here:")
        let error = #expect(throws: MemcachedError.self) {
            try MemcachedConfiguration(servers: "--SERVER=a --NAMESPACE=me@here: --NAMESPACE=me@here: --NOREPLY")
        }
        #expect(error?.description.contains("me@here") == false)
    }

    @Test(arguments: UInt64(1)...4)
    func `no text whatever is a trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "--SERVER=", "--SOCKET=", "a", ":1", "/?", "2", " ", "\"", "/", "@", "--HASH=", "md5", "--DISTRIBUTION=",
            "consistent", ",", "=", "\n", "#", "é", "\u{301}", "END", "--NAMESPACE=",
        ]
        for _ in 0..<2_000 {
            let text = (0..<generator.pick(0...12)).map { _ in pieces[generator.pick(0...pieces.count - 1)] }.joined()
            guard let configuration = try? MemcachedConfiguration(servers: "--\(text)") else { continue }
            #expect(!configuration.servers.isEmpty)
            #expect(configuration.servers.allSatisfy { $0.hasPlace && $0.weight > 0 })
        }
    }
}
