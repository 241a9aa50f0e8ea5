import Testing

@testable import Memcached

@Suite struct MemcachedServerTests {
    @Test(arguments: [
        ("h:1,h:2", ["h:1", "h:2"]),
        ("h:1, h:2", ["h:1", "h:2"]),
        ("h:1,  h:2", ["h:1", "h:2"]),
        ("h:1,\n\th:2 , h:3", ["h:1", "h:2", "h:3"]),
        ("a", ["a:11211"]),
        ("/run/mc.sock,[::1]:5,h:1:2", ["/run/mc.sock", "[::1]:5", "h:1"]),
    ])
    func `a list is separated by commas`(text: String, labels: [String]) throws {
        #expect(try MemcachedServer.list(parsing: text).map(\.label) == labels)
    }

    @Test(arguments: ["", ",", "a,", ",a", "a,,b", "a, ,b", " "])
    func `an empty element is an error`(text: String) {
        let error = #expect(throws: MemcachedError.self) { try MemcachedServer.list(parsing: text) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains("empty") == true)
    }

    @Test func `a list may be long`() throws {
        let text = (1...5_000).map { "h\($0):\($0)" }.joined(separator: ",")
        #expect(try MemcachedServer.list(parsing: text).count == 5_000)
    }

    @Test func `a server made in code has its defaults`() {
        #expect(MemcachedServer.tcp("h") == MemcachedServer(address: .tcp(host: "h", port: 11_211), weight: 1))
        #expect(MemcachedServer.unix("/s").weight == 1)
        #expect(MemcachedServer.tcp("h", port: 5, weight: 9).description == "h:5")
        #expect(MemcachedServer.unix("/s", weight: 2).label == "/s")
    }

    @Test func `brackets of an IPv6 address stay in the label and go for the lookup`() throws {
        let server = try MemcachedServer(parsing: "[::1]:11211")
        #expect(server.label == "[::1]:11211")
        #expect(server.hostToResolve == "::1")
        #expect(MemcachedServer.tcp("::1").hostToResolve == "::1")
        #expect(MemcachedServer.tcp("[").hostToResolve == "[")
        #expect(MemcachedServer.unix("/s").hostToResolve == nil)
    }

    @Test func `a server needs a place`() {
        #expect(MemcachedServer.tcp("h").hasPlace)
        #expect(MemcachedServer.unix("/s").hasPlace)
        for server in [MemcachedServer.tcp(""), .tcp("[]"), .tcp("h", port: 0), .unix("")] { #expect(!server.hasPlace) }
    }

    @Test(arguments: ["alice:s3cret@cache.test", "alice@cache.test", "a@b:s3cret@cache.test", "[alice:s3cret@::1]"])
    func `credentials in a host are refused and never shown`(host: String) throws {
        let server = MemcachedServer.tcp(host)
        for text in [server.label, server.description] {
            #expect(!text.contains("alice"))
            #expect(!text.contains("s3cret"))
            #expect(text.hasPrefix("<redacted>@"))
        }
        let error = #expect(throws: MemcachedError.self) { try MemcachedConfiguration(servers: [server]).validate() }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.description.contains("s3cret") == false)
        #expect(error?.detail.contains("set user name and password beside it") == true)
    }
}
