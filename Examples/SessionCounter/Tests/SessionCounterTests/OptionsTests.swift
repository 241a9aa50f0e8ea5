import Logging
import Memcached
import MemcachedSessions
import Testing

@testable import SessionCounter

struct OptionsTests {
    private func options(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> Options {
        try Options(arguments: arguments, environment: environment)
    }

    @Test func `by default it listens on the loopback interface, with a cookie for TLS`() throws {
        let options = try options()
        #expect(options.host == "127.0.0.1" && options.port == 8080)
        #expect(options.name == "web.1")
        #expect(options.hasSecureCookie)
        #expect(options.demonstration.hasLocks && options.demonstration.pause == .zero)
    }

    @Test func `PORT is a platform's and means all interfaces`() throws {
        let options = try options([], ["PORT": "5000", "DYNO": "web.4"])
        #expect(options.host == "0.0.0.0" && options.port == 5000)
        #expect(options.name == "web.4")
    }

    @Test func `options win over variables, and mean the loopback interface`() throws {
        let options = try options(["--port", "6000", "--name", "web.2"], ["PORT": "5000", "DYNO": "web.4"])
        #expect(options.host == "127.0.0.1" && options.port == 6000)
        #expect(options.name == "web.2")
    }

    @Test func `empty variables count as none`() throws {
        let options = try options([], ["PORT": "", "DYNO": "", "SESSION_COOKIE_SECURE": "", "LOG_LEVEL": ""])
        #expect(options.host == "127.0.0.1" && options.port == 8080 && options.hasSecureCookie)
    }

    @Test func `settings of the demonstration are read`() throws {
        let options = try options([], ["DEMO_LOCKS": "off", "DEMO_PAUSE_MS": "20", "SESSION_COOKIE_SECURE": "0"])
        #expect(!options.demonstration.hasLocks)
        #expect(options.demonstration.pause == .milliseconds(20))
        #expect(!options.hasSecureCookie)
    }

    @Test(arguments: [
        ["--port"], ["--port", "0"], ["--port", "70000"], ["--port", "+1x"], ["--name"], ["--nmae", "a"],
    ])
    func `arguments that make no sense are refused`(arguments: [String]) {
        #expect(throws: OptionError.self) { try options(arguments) }
    }

    @Test(arguments: [
        ("PORT", "x"), ("PORT", "99999"), ("SESSION_COOKIE_SECURE", "perhaps"), ("LOG_LEVEL", "loud"),
        ("DEMO_LOCKS", "no"), ("DEMO_PAUSE_MS", "-1"), ("SESSION_SASL_USERNAME", "only"),
        ("SESSION_SASL_PASSWORD", "only"),
    ])
    func `variables that make no sense are refused, and their values not shown`(name: String, value: String) throws {
        let error = #expect(throws: OptionError.self) { try options([], [name: value]) }
        #expect(error?.description.contains(name) == true)
        #expect(error?.description.contains("\"\(value)\"") == false)
    }

    @Test func `credentials of a save path need a save path`() {
        let credentials = ["SESSION_SASL_USERNAME": "alice", "SESSION_SASL_PASSWORD": "s3cret"]
        #expect(throws: OptionError.self) { try options([], credentials) }
        #expect(throws: Never.self) {
            try options([], credentials.merging(["SESSION_SAVE_PATH": "h:1"]) { $1 })
        }
    }

    @Test func `a save path wins over the variables of a service, whose password stays away from it`() throws {
        let environment = [
            "SESSION_SAVE_PATH": "PERSISTENT=myapp_session h1:1,h2:2", "SESSION_KEY_PREFIX": "mine.",
            "MEMCACHIER_SERVERS": "x", "MEMCACHIER_USERNAME": "u", "MEMCACHIER_PASSWORD": "p",
        ]
        let configuration = try options([], environment).cache.configuration()
        #expect(configuration.client.servers.map(\.label) == ["h1:1", "h2:2"])
        #expect(configuration.client.credentials == nil)
        #expect(configuration.poolName == "myapp_session")
        #expect(configuration.prefix == "mine.")
    }

    @Test func `the variables of a service are read`() throws {
        let environment = ["MEMCACHIER_SERVERS": "h:1", "MEMCACHIER_USERNAME": "u", "MEMCACHIER_PASSWORD": "p"]
        let configuration = try options([], environment).cache.configuration()
        #expect(configuration.client.servers.map(\.label) == ["h:1"])
        #expect(configuration.client.credentials != nil)
        #expect(configuration.prefix == MemcachedSessionConfiguration.defaultPrefix)
    }

    @Test func `without a cache there is no silent localhost`() throws {
        let error = #expect(throws: MemcachedSessionError.self) { try options().cache.configuration() }
        #expect(error?.code == .invalidConfiguration)
    }
}
