import Testing

@testable import Memcached

/// The server strings that libmemcached and its peers read (`php_sessions.md` 1.1 and 1.3, `peer_cases.md` B).
@Suite struct MemcachedServerParsingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var address: MemcachedServer.Address
        var weight: UInt32

        var testDescription: String { "\"\(text)\"" }

        static func tcp(_ text: String, _ host: String, _ port: UInt16 = 11_211, weight: UInt32 = 1) -> Row {
            Row(text: text, address: .tcp(host: host, port: port), weight: weight)
        }

        static func unix(_ text: String, _ path: String, weight: UInt32 = 1) -> Row {
            Row(text: text, address: .unix(path: path), weight: weight)
        }
    }

    static let accepted: [Row] = [
        .tcp("h:12111", "h", 12_111),
        .tcp("h", "h"),
        .tcp("127.0.0.1", "127.0.0.1"),
        .tcp("localhost:1", "localhost", 1),
        .tcp("cache-1.example.com:65535", "cache-1.example.com", 65_535),
        .tcp("h:00012111", "h", 12_111),
        .tcp("h:12111:5", "h", 12_111, weight: 5),
        .tcp("h:12111 5", "h", 12_111, weight: 5),
        .tcp("h:12111   5", "h", 12_111, weight: 5),
        .tcp("h:12111\t5", "h", 12_111, weight: 5),
        .tcp("h:1:4294967295", "h", 1, weight: .max),
        .tcp(" h:12111", "h", 12_111),
        .tcp("h:12111 ", "h", 12_111),
        .tcp("\th:12111\r\n", "h", 12_111),
        .tcp("[::1]:12116", "[::1]", 12_116),
        .tcp("[::1]", "[::1]"),
        .tcp("[2001:db8::2]:5000", "[2001:db8::2]", 5_000),
        .tcp("[fe80::1%eth0]:11211:3", "[fe80::1%eth0]", 11_211, weight: 3),
        .tcp("[::1]:12116 7", "[::1]", 12_116, weight: 7),
        .tcp("bücher.example:11211", "bücher.example"),
        .unix("/run/mc.sock", "/run/mc.sock"),
        .unix("/run/mc.sock:0", "/run/mc.sock"),
        .unix("/run/mc.sock:12111", "/run/mc.sock"),
        .unix("/run/mc.sock:0:4", "/run/mc.sock", weight: 4),
        .unix("/run/mc.sock:0 4", "/run/mc.sock", weight: 4),
        .unix("\u{A0}/run/mc.sock\u{2003}", "/run/mc.sock"),
        .unix("/run/my\u{A0}sock:0", "/run/my\u{A0}sock"),
        .unix("/run/mc.sock\u{A0}\u{301}:0", "/run/mc.sock\u{A0}\u{301}"),
    ]

    @Test(arguments: accepted)
    func `a server is read with its port and weight`(row: Row) throws {
        let server = try MemcachedServer(parsing: row.text)
        #expect(server.address == row.address)
        #expect(server.weight == row.weight)
    }

    /// The text, and words of the error that say what to do.
    static let rejected: [(text: String, advice: String)] = [
        ("", "empty"), ("   ", "empty"),
        (":12111", "host is missing"), (":", "host is missing"), ("::1:12111", "in brackets"), ("::1", "in brackets"),
        ("h:", "1 to 65535"), ("h:0", "1 to 65535"), ("h:abc", "1 to 65535"), ("h:blah", "1 to 65535"),
        ("h:65536", "1 to 65535"), ("h:77777", "1 to 65535"), ("h:-1", "1 to 65535"), ("h:+1", "1 to 65535"),
        ("h: 1", "1 to 65535"), ("h:1.5", "1 to 65535"), ("h:0x10", "1 to 65535"), ("h:１２", "1 to 65535"),
        ("h:99999999999999999999", "1 to 65535"), ("h:12111?PERSISTENT=1", "1 to 65535"),
        ("2001:db8::2:8080", "1 to 65535"), ("[::1]:", "1 to 65535"), ("[::1]:0", "1 to 65535"),
        ("/run/mc.sock:", "1 to 65535"), ("/run/mc.sock:x", "1 to 65535"), ("/run/mc.sock:65536", "1 to 65535"),
        ("h:12111:0", "weight"), ("h:12111:-1", "weight"), ("h:12111:", "weight"), ("h:12111:x", "weight"),
        ("h:12111:4294967296", "weight"), ("h:12111:99999999999999999999", "weight"), ("h:1:2:3", "weight"),
        ("h:12111 0", "weight"), ("h:12111 -1", "weight"), ("h:12111 5 6", "weight"),
        ("h:12111 h2:12112", "comma"), ("h h2", "comma"), ("h 11211", "comma"), ("[::1] 5", "comma"),
        ("/run/my sock", "comma"), ("persistent=x h:1", "comma"), ("PERSISTENT=x h:1", "comma"),
        ("h:12111;h2:12112", "semicolon"),
        ("tcp://h:12111", "scheme"), ("unix:///run/mc.sock", "scheme"), ("memcached://h", "scheme"),
        ("user:pass@h:12111", "credentials"), ("user@h", "credentials"), ("tcp://user:pass@h:12111", "credentials"),
        ("--SERVER=h:12111", "options"), ("/?SERVER=h:12111", "options"),
        ("/run/mc.sock\u{A0}:0", "white space"), ("/run/mc.sock\u{3000}:0:2", "white space"),
        ("h\u{A0}:12111", "white space"), ("/run/mc.sock\u{2003} 1", "white space"),
        ("[::1", "open"), ("[::1:11211", "open"), ("[]", "between"), ("[]:11211", "between"),
        ("[::1]11211", ":port"), ("[::1]]:11211", ":port"), ("[::1]x", ":port"),
        ("h\nh2:1", "control character"), ("h\r\nh2", "control character"), ("h\0:1", "control character"),
        ("h\u{1B}[2J:1", "control character"), ("h\u{7F}", "control character"), ("h\u{2028}:1", "control character"),
    ]

    @Test(arguments: rejected)
    func `what would be misunderstood is an error that says what to write`(text: String, advice: String) {
        let error = #expect(throws: MemcachedError.self) { try MemcachedServer(parsing: text) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.outcome == .notSent)
        #expect(error?.detail.contains(advice) == true, "\(error?.detail ?? "")")
    }

    @Test(arguments: ["h:77777", "h:12111;h2:12112", "tcp://h:12111", "[::1]x", "h h2"])
    func `the error names the element`(text: String) {
        let error = #expect(throws: MemcachedError.self) {
            try MemcachedServer.list(parsing: "good:1, \(text),other:2")
        }
        #expect(error?.detail.contains("\"\(text)\"") == true)
        #expect(error?.detail.contains("good") == false)
        #expect(error?.detail.contains("other") == false)
    }

    /// A user name or password must not come into a log, wherever they stand.
    @Test(arguments: [
        "alice:s3cret@h:11211", "alice:s3cret@h", "alice:s3@cret@h:1", "alice:s3:cret@h:1", "tcp://alice:s3cret@h:1",
        "alice:s3,cret@h:1", "a:1,alice:s3cret@h:1", "alice:s3cret@h:1,b:2", "alice:s3;cret@h:1", "alice:s3 cret@h:1",
        "alice:s3\ncret@h:1", "alice:s3cret@\u{301}h:1", "alice:s3cret@", "[alice:s3cret@h]:1",
        "--SERVER=alice:s3cret@h", "alice:x@s3,cret@h", "alice:@s3,cret@h:1,alice:@s3,cret@i:1",
        "alice:s3cret@h:77777", ",alice:s3cret@h", "/alice:s3cret@h",
    ])
    func `credentials are refused and not shown`(text: String) {
        let error = #expect(throws: MemcachedError.self) { try MemcachedServer.list(parsing: text) }
        let shown = error?.description ?? ""
        #expect(shown.contains("<redacted>"))
        for secret in ["alice", "s3", "cret"] { #expect(!shown.contains(secret)) }
    }

    @Test func `an error is one line of bounded length whatever the text`() {
        for text in [
            "h\n\u{1B}[31m:1", String(repeating: "x", count: 100_000) + ":0",
            "@" + String(repeating: "é", count: 9_000),
        ] {
            let error = #expect(throws: MemcachedError.self) { try MemcachedServer(parsing: text) }
            let shown = error?.description ?? ""
            #expect(shown.count < 500)
            #expect(!shown.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }

    @Test(arguments: UInt64(1)...8)
    func `no text whatever is a trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pieces = [
            "h", ":", "1", "65536", " ", "\t", ",", "[", "]", "/", "@", "::", "-", ";", "\0", "é", "\u{301}", "\n",
        ]
        for _ in 0..<2_000 {
            let text = (0..<generator.pick(0...12)).map { _ in pieces[generator.pick(0...pieces.count - 1)] }.joined()
            guard let servers = try? MemcachedServer.list(parsing: text) else { continue }
            #expect(!servers.isEmpty)
            for server in servers {
                #expect(server.weight > 0)
                #expect(server.hasPlace)
                #expect(!text.contains("@"))
            }
        }
    }
}
