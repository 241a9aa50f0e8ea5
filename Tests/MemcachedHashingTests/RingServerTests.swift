import MemcachedHashing
import Testing

@Suite struct RingServerTests {
    @Test func `port 0 is the default port of a host and stays with a socket`() {
        #expect(RingServer(host: "cache", port: 0) == RingServer(host: "cache", port: 11_211))
        #expect(RingServer(host: "/run/mc.sock", port: 0).port == 0)
        #expect(RingServer(host: "/run/mc.sock", port: 0) != RingServer(host: "/run/mc.sock", port: 11_211))
    }

    @Test func `weight 0 counts as 1`() {
        #expect(RingServer(host: "cache", weight: 0) == RingServer(host: "cache", weight: 1))
    }

    @Test func `a server reads as host and port, a socket as its path`() {
        #expect("\(RingServer(host: "[::1]", port: 11_212))" == "[::1]:11212")
        #expect("\(RingServer(host: "/run/mc.sock", port: 0))" == "/run/mc.sock")
    }

    @Test func `credentials put into a host by mistake are not printed`() {
        let server = RingServer(host: "alice:hunter2@cache", port: 80)
        #expect("\(server)" == "<redacted>@cache:80")
        #expect(String(reflecting: [server]) == "[<redacted>@cache:80]")
    }

    @Test(arguments: [
        ("cache", 11_211, "cache-0"), ("cache", 11_212, "cache:11212-0"), ("CACHE", 0, "CACHE-0"),
        ("[::1]", 11_211, "[::1]-0"), ("::1", 80, "::1:80-0"),
        ("/run/mc.sock", 0, "/run/mc.sock:0-0"), ("/run/mc.sock", 11_211, "/run/mc.sock-0"),
    ])
    func `points are named as libmemcached names them`(host: String, port: Int, name: String) throws {
        let selection = ServerSelection.libmemcached(.ketama(weights: .ignored), hash: .md5)
        try expectPoint(named: name, RingServer(host: host, port: port), selection)
    }

    @Test(arguments: [
        ("cache", 11_211, "/cache:11211-0"), ("/run/mc.sock", 0, "//run/mc.sock:0-0"),
    ])
    func `points of the spy distribution have a slash and a port`(host: String, port: Int, name: String) throws {
        let selection = ServerSelection.libmemcached(.spy(weights: .ignored), hash: .md5)
        try expectPoint(named: name, RingServer(host: host, port: port), selection)
    }

    @Test func `a point name replaces host and port in every distribution`() throws {
        let server = RingServer(host: "10.0.0.1", port: 80, pointName: "localhost/127.0.0.1:11211")
        for distribution: ServerSelection.Distribution in [
            .ketama(weights: .ignored), .spy(weights: .ignored), .spymemcached(.hostAndPort, weighted: false),
        ] {
            try expectPoint(
                named: "localhost/127.0.0.1:11211-0",
                server,
                ServerSelection(keyHash: .md5, distribution: distribution)
            )
        }
    }

    /// Expects the hash of `name` among the points that `server` has beside another.
    private func expectPoint(named name: String, _ server: RingServer, _ selection: ServerSelection) throws {
        let ring = try ServerRing(servers: [server, RingServer(host: "other")], selection: selection)
        let continuum = try #require(ring.continuum)
        let value = ServerSelection.KeyHash.md5.hash(of: name.utf8)
        let position = continuum.position(of: value)
        #expect(continuum.values[position] == value)
        #expect(continuum.owners[position] == 0)
    }
}
