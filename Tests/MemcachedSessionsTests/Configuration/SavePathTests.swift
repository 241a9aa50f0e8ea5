import Memcached
import MemcachedHashing
import Testing

@testable import MemcachedSessions

@Suite struct SavePathTests {
    static func labels(_ savePath: String) throws -> [String] {
        try MemcachedSessionConfiguration(savePath: savePath).client.servers.map(\.label)
    }

    @Test(arguments: [
        ("PERSISTENT=myapp_session 10.0.0.1:11211,10.0.0.2:11212", "myapp_session"),
        ("PERSISTENT=myapp_session 10.0.0.1:11211, 10.0.0.2:11212", "myapp_session"),
        ("  PERSISTENT=a\t10.0.0.1,10.0.0.2:11212 ", "a"),
        ("10.0.0.1:11211,10.0.0.2:11212", nil),
        ("10.0.0.1:11211,   10.0.0.2:11212", nil),
    ])
    func `both dialects are read`(savePath: String, name: String?) throws {
        let configuration = try MemcachedSessionConfiguration(savePath: savePath)
        #expect(configuration.poolName == name)
        #expect(configuration.client.servers.map(\.label) == ["10.0.0.1:11211", "10.0.0.2:11212"])
        #expect(configuration.prefix == "memc.sess.key.")
        #expect(configuration.client.selection == .phpSession)
        #expect(configuration.client.credentials == nil)
        try configuration.validate()
    }

    @Test func `sockets, IPv6, weights and missing ports are read`() throws {
        #expect(try Self.labels("/run/mc.sock") == ["/run/mc.sock"])
        #expect(
            try Self.labels("PERSISTENT=x /run/mc.sock,[::1]:11300,h") == ["/run/mc.sock", "[::1]:11300", "h:11211"]
        )
        #expect(try MemcachedSessionConfiguration(savePath: "h:11211:5").client.servers.first?.weight == 5)
    }

    @Test(arguments: [
        ("", "empty"), ("   ", "empty"), ("PERSISTENT=", "name is missing"), ("PERSISTENT= h:11211", "name is missing"),
        ("PERSISTENT=x", "servers are missing"), ("PERSISTENT=x ", "servers are missing"),
        ("PERSISTENT=x,h:11211", "servers are missing"), ("persistent=x h:11211", "very beginning"),
        ("h:11211?PERSISTENT=1", "very beginning"), ("h:11211,PERSISTENT=x", "very beginning"),
        ("PERSISTENT=x PERSISTENT=y h:11211", "very beginning"), ("--SERVER=h:11211", "--SERVER"),
        ("/?SERVER=h:11211", "--SERVER"), ("h:11211;h2:11211", "semicolon"), ("h:11211 h2:11211", "h:11211 h2:11211"),
        ("h:0", "h:0"), ("h:77777", "h:77777"), ("h:-1", "h:-1"), ("h:abc", "h:abc"), ("tcp://h:11211", "scheme"),
        ("unix:///run/mc.sock", "scheme"), ("::1:11211", "[::1]:11211"), ("a,,b", "empty"), ("h:11211,", "empty"),
        (",h:11211", "empty"), ("h:99999999999999999999", "port"),
    ])
    func `what PHP's library misreads in silence is an error that names it`(savePath: String, part: String) async {
        let error = await sessionError { try MemcachedSessionConfiguration(savePath: savePath) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.hasPrefix("save path: ") == true)
        #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "no error")")
    }

    @Test(arguments: [
        "user:hunter2@h:11211", "PERSISTENT=user:hunter2@h:11211", "PERSISTENT=x a,user:hunter2@h",
        "PERSISTENT=hunter2",
    ])
    func `no error shows a password`(savePath: String) async {
        let error = await sessionError { try MemcachedSessionConfiguration(savePath: savePath) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }
}
