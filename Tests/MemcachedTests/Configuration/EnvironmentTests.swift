import Memcached
import Testing

@Suite struct EnvironmentTests {
    typealias Family = MemcachedConfiguration.EnvironmentFamily

    static func read(
        _ environment: [String: String],
        _ family: Family? = nil
    ) throws(MemcachedError) -> MemcachedConfiguration {
        try MemcachedConfiguration.fromEnvironment(environment, family: family)
    }

    static func error(_ environment: [String: String], _ family: Family? = nil) -> MemcachedError? {
        do throws(MemcachedError) {
            _ = try read(environment, family)
            return nil
        } catch {
            return error
        }
    }

    static let names = [
        "MEMCACHIER_SERVERS", "MEMCACHIER_USERNAME", "MEMCACHIER_PASSWORD", "MEMCACHEDCLOUD_SERVERS",
        "MEMCACHEDCLOUD_USERNAME", "MEMCACHEDCLOUD_PASSWORD", "MEMCACHED_HOST", "MEMCACHED_PORT", "MEMCACHED_SERVERS",
        "MEMCACHED_USERNAME", "MEMCACHED_PASSWORD",
    ]

    @Test(arguments: ["MEMCACHIER", "MEMCACHEDCLOUD", "MEMCACHED"])
    func `servers and credentials of a family are read together`(prefix: String) throws {
        let configuration = try Self.read([
            "\(prefix)_SERVERS": "a.example.com:11300, b.example.com", "\(prefix)_USERNAME": "ada",
            "\(prefix)_PASSWORD": "hunter2", "HOME": "/root",
        ])
        #expect(configuration.servers == [.tcp("a.example.com", port: 11_300), .tcp("b.example.com", port: 11_211)])
        #expect(configuration.credentials == MemcachedCredentials(username: "ada", password: "hunter2"))
        try configuration.validate()
    }

    @Test func `MEMCACHED_SERVERS needs no credentials`() throws {
        let configuration = try Self.read(["MEMCACHED_SERVERS": "/run/mc.sock"])
        #expect(configuration.servers == [.unix("/run/mc.sock")])
        #expect(configuration.credentials == nil)
        let empty = try Self.read(["MEMCACHED_SERVERS": "h", "MEMCACHED_USERNAME": "", "MEMCACHED_PASSWORD": ""])
        #expect(empty.credentials == nil)
    }

    @Test(arguments: [
        ("cache", "11211", MemcachedServer.tcp("cache")), (" 10.0.0.1 ", " 11300 ", .tcp("10.0.0.1", port: 11_300)),
        ("::1", "11300", .tcp("[::1]", port: 11_300)), ("[fe80::1]", "11300", .tcp("[fe80::1]", port: 11_300)),
    ])
    func `host and port are one server`(host: String, port: String, server: MemcachedServer) throws {
        let configuration = try Self.read(["MEMCACHED_HOST": host, "MEMCACHED_PORT": port])
        #expect(configuration.servers == [server])
        #expect(configuration.credentials == nil)
    }

    @Test func `nothing set is an error that names all variables, never a silent localhost`() {
        for environment in [[:], ["HOME": "/root", "MEMCACHE_SERVERS": "h", "MEMCACHIER": "h"]] {
            let error = Self.error(environment)
            #expect(error?.code == .invalidConfiguration)
            for name in Self.names { #expect(error?.detail.contains(name) == true, "\(name)") }
        }
    }

    @Test func `empty variables count as missing, and the error says that they are there`() {
        let nothing = Self.error(["MEMCACHED_HOST": "", "MEMCACHIER_SERVERS": "  "])
        #expect(nothing?.detail.contains("MEMCACHIER_SERVERS, MEMCACHED_HOST are set, but empty") == true)
        let part = Self.error(["MEMCACHED_HOST": "h", "MEMCACHED_PORT": ""])
        #expect(part?.detail.contains("MEMCACHED_PORT is missing or empty") == true)
    }

    @Test(arguments: [
        (["MEMCACHIER_SERVERS": "h"], "MEMCACHIER_USERNAME, MEMCACHIER_PASSWORD are missing"),
        (["MEMCACHIER_SERVERS": "h", "MEMCACHIER_USERNAME": "u"], "MEMCACHIER_PASSWORD is missing"),
        (["MEMCACHIER_USERNAME": "u", "MEMCACHIER_PASSWORD": "p"], "MEMCACHIER_SERVERS is missing"),
        (["MEMCACHEDCLOUD_SERVERS": "h", "MEMCACHEDCLOUD_PASSWORD": "p"], "MEMCACHEDCLOUD_USERNAME is missing"),
        (["MEMCACHED_HOST": "h"], "MEMCACHED_PORT is missing"),
        (["MEMCACHED_PORT": "11211"], "MEMCACHED_HOST is missing"),
        (["MEMCACHED_SERVERS": "h", "MEMCACHED_USERNAME": "u"], "MEMCACHED_PASSWORD is missing"),
        (
            ["MEMCACHED_SERVERS": "h", "MEMCACHED_USERNAME": "u", "MEMCACHED_PASSWORD": ""],
            "MEMCACHED_PASSWORD is missing"
        ),
        (["MEMCACHED_PASSWORD": "p"], "MEMCACHED_SERVERS, MEMCACHED_USERNAME are missing"),
    ])
    func `a family is read whole`(environment: [String: String], part: String) {
        let error = Self.error(environment)
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "no error")")
    }

    @Test func `two families are an error until one is chosen, so no password goes to another's host`() throws {
        let environment = [
            "MEMCACHIER_SERVERS": "mc.example.com", "MEMCACHIER_USERNAME": "ada", "MEMCACHIER_PASSWORD": "hunter2",
            "MEMCACHED_SERVERS": "localhost",
        ]
        let error = Self.error(environment)
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("MEMCACHIER_SERVERS") == true)
        #expect(error?.detail.contains("MEMCACHED_SERVERS") == true)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
        #expect(try Self.read(environment, .memcachier).servers == [.tcp("mc.example.com")])
        let plain = try Self.read(environment, .servers)
        #expect(plain.servers == [.tcp("localhost")])
        #expect(plain.credentials == nil)
    }

    @Test(arguments: [
        ["MEMCACHIER_USERNAME": "ada", "MEMCACHED_SERVERS": "localhost"],
        ["MEMCACHED_HOST": "h", "MEMCACHED_PORT": "11211", "MEMCACHED_SERVERS": "h"],
        ["MEMCACHED_HOST": "h", "MEMCACHED_PORT": "11211", "MEMCACHED_PASSWORD": "p"],
        [
            "MEMCACHEDCLOUD_PASSWORD": "p", "MEMCACHIER_SERVERS": "h", "MEMCACHIER_USERNAME": "u",
            "MEMCACHIER_PASSWORD": "p",
        ],
    ])
    func `a single stray member of another family is enough for the error`(environment: [String: String]) {
        #expect(Self.error(environment)?.detail.contains("2 families") == true)
    }

    @Test func `a chosen family is read whole as well`() {
        let error = Self.error(["MEMCACHED_SERVERS": "h"], .memcachedCloud)
        #expect(error?.detail.contains("MEMCACHEDCLOUD_SERVERS, MEMCACHEDCLOUD_USERNAME") == true)
    }

    @Test(arguments: ["0", "77777", "-1", "abc", "11211x", "tcp://10.0.0.1:11211", "99999999999999999999"])
    func `a port is a number from 1 to 65535`(port: String) {
        let error = Self.error(["MEMCACHED_HOST": "h", "MEMCACHED_PORT": port])
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("MEMCACHED_PORT") == true)
    }

    @Test(arguments: ["h:11211", "a,b", "/run/mc.sock", "user:hunter2@h", "h h2", "http://h"])
    func `a host is one host`(host: String) {
        let error = Self.error(["MEMCACHED_HOST": host, "MEMCACHED_PORT": "11211"])
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("MEMCACHED_HOST") == true)
        #expect(error?.detail.contains("hunter2") == false)
    }

    @Test func `a wrong element names its variable and hides what stands before an at sign`() {
        let error = Self.error(["MEMCACHED_SERVERS": "a:1,ada:hunter2@b:2"])
        #expect(error?.detail.contains("MEMCACHED_SERVERS: ") == true)
        #expect(error?.detail.contains("<redacted>@b:2") == true)
        #expect(error?.detail.contains("hunter2") == false)
    }
}
