import Foundation
import MemcachedTestSupport
import Testing

/// `get`, `set`, `delete`, `stats`, `version` and `status` against real servers.
@Suite(.serialized) struct CacheCommandTests {
    private let tool = Tool()

    private func place(_ server: MemcachedProcess) -> String {
        switch server.address {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }

    @Test func `a value goes in and comes out byte for byte`() async throws {
        try await withMemcached { server in
            let servers = ["--servers", place(server), "--timeout", "30", "--connect-timeout", "30"]
            let values: [[UInt8]] = [
                [], Array(0...255), Array("text\n".utf8), Array(repeating: 0xFF, count: 300_000),
            ]
            for value in values {
                let set = try await tool.run(["set", "key"] + servers, input: value)
                #expect(set.status == 0 && set.output.isEmpty && set.complaint.isEmpty, "\(set)")
                let get = try await tool.run(["get", "key"] + servers)
                #expect(get.status == 0 && get.complaint.isEmpty, "\(get)")
                #expect(get.output == value)
            }
            let options = ["--flags", "7", "--expires", "600"]
            let argument = try await tool.run(["set", "a", "from argument"] + options + servers)
            #expect(argument.status == 0, "\(argument)")
            let verbose = try await tool.run(["get", "a", "--verbose"] + servers)
            #expect(verbose.output == Array("from argument".utf8))
            #expect(verbose.complaint.contains("flags 7") && verbose.complaint.contains("13 bytes"))
        }
    }

    @Test func `a miss is status 1, whether it is got or deleted`() async throws {
        try await withMemcached { server in
            let servers = ["--servers", place(server)]
            let get = try await tool.run(["get", "nothing"] + servers)
            #expect(get.status == 1 && get.output.isEmpty && get.complaint.isEmpty, "\(get)")
            #expect(try await tool.run(["delete", "nothing"] + servers).status == 1)
            #expect(try await tool.run(["set", "key", "v"] + servers).status == 0)
            #expect(try await tool.run(["delete", "key"] + servers).status == 0)
            #expect(try await tool.run(["get", "key"] + servers).status == 1)
        }
    }

    @Test func `a key may be Base64, and a namespace stands in front of it`() async throws {
        try await withMemcached { server in
            let servers = ["--servers", place(server)]
            // "n:key", whole and with its namespace apart.
            #expect(try await tool.run(["set", "bjprZXk=", "v", "--base64"] + servers).status == 0)
            let get = try await tool.run(["get", "key", "--namespace", "n:"] + servers)
            #expect(get.output == Array("v".utf8))
            #expect(try await tool.run(["get", "a===b", "--base64"] + servers).status == 64)
            #expect(try await tool.run(["get", String(repeating: "k", count: 251)] + servers).status == 64)
        }
    }

    @Test func `several servers keep their keys where the selection puts them`() async throws {
        try await withMemcached { one in
            try await withMemcached { two in
                let both = ["--servers", "\(place(one)),\(place(two))"]
                let selections = [
                    "default", "libmemcached", "php", "php-libketama", "php-session", "pylibmc", "spymemcached",
                ]
                for selection in selections {
                    let options = both + ["--selection", selection]
                    for number in 0..<4 {
                        let key = "\(selection)\(number)"
                        #expect(try await tool.run(["set", key, "v"] + options).status == 0)
                        #expect(try await tool.run(["get", key] + options).output == Array("v".utf8))
                    }
                }
                let string = ["--servers", "--SERVER=\(place(one)) --SERVER=\(place(two)) --HASH=MD5 --NAMESPACE=n:"]
                #expect(try await tool.run(["set", "a", "v"] + string).status == 0)
                var hits = 0
                for server in [one, two] {
                    let options = ["--servers", place(server), "--profile", "hosted", "--timeout", "30"]
                    if try await tool.run(["get", "n:a"] + options).status == 0 { hits += 1 }
                }
                #expect(hits == 1)
                #expect(try await tool.run(["delete", "a"] + string).status == 0)

                let counts = try await tool.run(["stats"] + both).lines.filter { $0.contains("\tcurr_items\t") }
                #expect(counts.count == 2)
                #expect(counts.compactMap { $0.split(separator: "\t").last.flatMap { Int($0) } }.reduce(0, +) == 28)
            }
        }
    }

    @Test func `status tells how each server does, and names the one that is down`() async throws {
        try await withMemcached { server in
            let label = place(server)
            let up = try await tool.run(["status", "--servers", label])
            #expect(up.status == 0)
            #expect(up.lines == ["\(label) up, 1 connection, 0 in flight, 0 waiting"])
            let down = try await tool.run(["status", "--servers", "127.0.0.1:1,\(label)"])
            #expect(down.status == 69)
            #expect(down.lines == up.lines)
            #expect(down.complaint.contains("127.0.0.1:1"))
        }
    }

    @Test func `stats and version tell of each server, also when one is down`() async throws {
        try await withMemcached { server in
            let label = place(server)
            let version = try await tool.run(["version", "--servers", label])
            #expect(version.status == 0)
            #expect(version.lines.count == 1)
            #expect(version.lines.first?.contains(/^[^\t]+\t\d+\.\d+/) == true, "\(version.lines)")
            let settings = try await tool.run(["stats", "settings", "--servers", label])
            #expect(settings.lines.contains { $0.hasPrefix("\(label)\tmaxbytes\t") })
            #expect(try await tool.run(["stats", "no-such-group", "--servers", label]).status == 64)

            let down = try await tool.run(["version", "--servers", "127.0.0.1:1,\(label)"])
            #expect(down.status == 69)
            #expect(down.lines == version.lines)
            #expect(down.complaint.contains("127.0.0.1:1"))
        }
    }

    @Test func `errors have their statuses, and are on standard error`() async throws {
        let refused = try await tool.run(["get", "key", "--servers", "127.0.0.1:1"])
        #expect(refused.status == 69 && refused.output.isEmpty && refused.complaint.contains("connectionFailed"))
        let nothing = try await tool.run(["get", "key"])
        #expect(nothing.status == 78 && nothing.complaint.contains("--servers"))
        #expect(try await tool.run(["get"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h:0"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h", "--family", "MEMCACHIER"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h", "--timeout", "0"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h", "--timeout", "nan"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h", "--tls-key", "f"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h", "--tls-pin", "x"]).status == 64)
        #expect(try await tool.run(["get", "key", "--servers", "h", "--password", "p"]).status == 64)
        try await withMemcached { server in
            let large = [UInt8](repeating: 1, count: 2 << 20)
            let set = try await tool.run(["set", "large", "--servers", place(server)], input: large)
            #expect(set.status == 65 && set.complaint.contains("valueTooLarge"), "\(set)")
        }
    }

    @Test func `a password comes from the environment and nowhere else`() async throws {
        let sasl = MemcachedProcess.SASL(user: "alice", password: "s3cret")
        try await withMemcached(.init(sasl: sasl)) { server in
            let label = place(server)
            var named = tool
            named.environment = ["MEMC_PASSWORD": "s3cret"]
            let set = try await named.run(["set", "key", "v", "--servers", label, "--username", "alice"])
            #expect(set.status == 0, "\(set)")

            var family = tool
            family.environment = [
                "MEMCACHED_SERVERS": label, "MEMCACHED_USERNAME": "alice", "MEMCACHED_PASSWORD": "s3cret",
            ]
            #expect(try await family.run(["get", "key"]).output == Array("v".utf8))
            #expect(try await family.run(["get", "key", "--family", "MEMCACHED"]).output == Array("v".utf8))
            // The servers of the environment and nobody else get the environment's password.
            let other = try await family.run(["get", "key", "--servers", label])
            #expect(other.status == 77, "\(other)")

            var wrong = tool
            wrong.environment = ["MEMC_PASSWORD": "wr0ng-word"]
            let refused = try await wrong.run(["get", "key", "--servers", label, "--username", "alice"])
            #expect(refused.status == 77, "\(refused)")
            #expect(!refused.complaint.contains("wr0ng-word"))
            #expect(try await tool.run(["get", "key", "--servers", label, "--username", "alice"]).status == 64)
            let shown = try await tool.run(["get", "key", "--servers", "alice:s3cret@h:1"])
            #expect(shown.status == 64 && !shown.complaint.contains("s3cret"))
        }
    }

    @Test func `TLS is checked unless it is said not to be`() async throws {
        let folder = URL(filePath: #filePath)
            .deletingLastPathComponent()  // MemcTests
            .deletingLastPathComponent()  // Tests
            .deletingLastPathComponent()
            .appending(path: "Fixtures/tls")
        func path(_ name: String) -> String { folder.appending(path: name).path() }
        let files = MemcachedProcess.TLS(certificateChain: path("good.pem"), privateKey: path("server.key"))
        let pin = try String(contentsOf: folder.appending(path: "good.sha256"), encoding: .utf8)
            .split(separator: "=").last.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        try await withMemcached(.init(tls: files)) { server in
            let servers = ["--servers", place(server)]
            for trust in [
                ["--tls-ca", path("authority.pem")], ["--tls", "--tls-dangerously-trust-any-server"],
                ["--tls-ca", path("authority.pem"), "--tls-server-name", "cache.test"],
                ["--tls-pin", try #require(pin)],
            ] {
                let set = try await tool.run(["set", "key", "v"] + servers + trust)
                #expect(set.status == 0, "\(trust): \(set)")
            }
            for trust in [
                ["--tls"], ["--tls-ca", path("unknown.pem")],
                ["--tls-ca", path("authority.pem"), "--tls-server-name", "elsewhere.test"],
            ] {
                let get = try await tool.run(["get", "key"] + servers + trust)
                #expect(get.status == 77 && get.output.isEmpty, "\(trust): \(get)")
            }
            #expect(try await tool.run(["get", "key", "--tls-ca", "/nowhere.pem"] + servers).status == 78)
        }
    }
}
