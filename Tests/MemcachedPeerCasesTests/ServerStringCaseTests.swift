import Memcached
import MemcachedTestSupport
import Testing

/// Cases 30 to 39: how servers are written, and that they are found there.
@Suite struct ServerStringCaseTests {
    /// A client of these servers, with patience for a busy machine.
    private func client(_ servers: String) throws -> MemcachedClient {
        var configuration = try MemcachedConfiguration(servers: servers)
        configuration.timeouts.operation = .seconds(30)
        configuration.timeouts.connect = .seconds(30)
        return try MemcachedClient(configuration)
    }

    private func parse(_ text: String) throws -> [MemcachedServer] {
        try MemcachedConfiguration(servers: text).servers
    }

    private func refusal(of text: String) async -> MemcachedError.Code? {
        await failure { () throws(MemcachedError) in try MemcachedConfiguration(servers: text) }?.code
    }

    @Test func `a server without a port listens on 11211`() throws {
        #expect(try parse("cache.example.org") == [.tcp("cache.example.org", port: 11_211)])
    }

    @Test func `an IPv6 address stands in brackets, and is reached`() async throws {
        #expect(try parse("[::1]") == [.tcp("[::1]", port: 11_211)])
        #expect(try parse("[2001:db8::2]:5000") == [.tcp("[2001:db8::2]", port: 5_000)])
        // Is 8080 a port or the end of the address? Peers guess; here it is an error.
        for text in ["::1", "2001:db8::2:8080"] { #expect(await refusal(of: text) == .invalidConfiguration) }
        try await withMemcached(.init(host: "::1")) { server in
            let client = try client("[::1]:\(try #require(server.address.port))")
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test(arguments: ["host:blah", "host:0", "host:65536", "host:-1", "host:1.5"])
    func `a port that is no port is refused`(text: String) async {
        #expect(await refusal(of: text) == .invalidConfiguration)
    }

    @Test func `a path is a unix socket, and is reached`() async throws {
        try await withMemcached(.init(unixSocket: true)) { server in
            let path = try #require(server.address.path)
            #expect(try parse(path) == [.unix(path)])
            let client = try client(path)
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test(arguments: ["", " ", ",", "a,", ",a", "a,,b"])
    func `an empty list or element is refused`(text: String) async {
        #expect(await refusal(of: text) == .invalidConfiguration)
    }

    @Test func `host, port and weight are read`() throws {
        #expect(try parse("cache") == [.tcp("cache")])
        #expect(try parse("cache:11212") == [.tcp("cache", port: 11_212)])
        #expect(try parse("cache:11212:3") == [.tcp("cache", port: 11_212, weight: 3)])
        #expect(try parse("10.0.0.1:11212:3") == [.tcp("10.0.0.1", port: 11_212, weight: 3)])
        #expect(try parse("[::1]:11212:3") == [.tcp("[::1]", port: 11_212, weight: 3)])
        #expect(try parse("a:1:2, b") == [.tcp("a", port: 1, weight: 2), .tcp("b")])
    }

    @Test func `a socket's weight stands behind a port that means nothing, as libmemcached writes it`() throws {
        #expect(try parse("/run/m.sock:0:4") == [.unix("/run/m.sock", weight: 4)])
        #expect(try parse("/run/m.sock:11211") == [.unix("/run/m.sock")])
    }

    @Test(arguments: ["", ":11211", "host:", ":", "[]:11211", "[::1"])
    func `a server with a part missing is refused`(text: String) async {
        #expect(await refusal(of: text) == .invalidConfiguration)
    }

    @Test func `TCP and unix sockets can be mixed`() async throws {
        try await withMemcached { first in
            try await withMemcached(.init(unixSocket: true)) { second in
                let client = try client("\(first.address),\(second.address)")
                let keys = (0..<100).map { MemcachedKey("mixed:\($0)") }
                for key in keys { try await client.set(key, to: "\(key)") }
                #expect(try await client.get(keys, as: String.self).count == 100)
                let counts = [try await first.stat("curr_items"), try await second.stat("curr_items")]
                #expect(counts.reduce(0, +) == 100 && !counts.contains(0))
            }
        }
    }
}
