import Memcached
import MemcachedHashing
import Testing

@testable import MemcachedSessions

@Suite struct PHPSettingsTests {
    static func configuration(_ settings: [String: String]) throws -> MemcachedSessionConfiguration {
        try MemcachedSessionConfiguration(
            phpSettings: settings.merging(["session.save_path": "10.0.0.1:11211"]) { own, _ in own }
        )
    }

    @Test func `nothing but a save path gives the defaults`() throws {
        let configuration = try Self.configuration([:])
        #expect(configuration.client.servers.map(\.label) == ["10.0.0.1:11211"])
        #expect(configuration.poolName == nil)
        #expect(configuration.client.selection == .phpSession)
        #expect(configuration.prefix == "memc.sess.key.")
        #expect(configuration.isStrict)
        #expect(configuration.cookie == .init())
        #expect(configuration.locking == .init())
        #expect(configuration.ignoredSettings == [])
    }

    @Test func `php-memcached 3's settings are carried out`() throws {
        let configuration = try Self.configuration([
            "session.save_handler": "memcached", "session.gc_maxlifetime": "86400", "session.sid_length": "26",
            "session.sid_bits_per_character": "5", "session.use_strict_mode": "0", "session.lazy_write": "Off",
            "memcached.sess_locking": "On", "memcached.sess_lock_wait_min": "100",
            "memcached.sess_lock_wait_max": "1000", "memcached.sess_lock_retries": "6",
            "memcached.sess_lock_expire": "30", "memcached.sess_binary_protocol": "On",
            "memcached.sess_consistent_hash": "On", "memcached.sess_consistent_hash_type": "ketama_weighted",
            "memcached.sess_connect_timeout": "200", "memcached.sess_sasl_username": "alice",
            "memcached.sess_sasl_password": "s3cret", "memcached.sess_persistent": "On",
            "memcached.sess_prefix": "app.", "memcached.sess_number_of_replicas": "2",
            "memcached.sess_remove_failed_servers": "Off", "memcached.sess_server_failure_limit": "1",
        ])
        try configuration.validate()
        #expect(configuration.lifetime == .after(.seconds(86_400)))
        #expect(configuration.ids.length == 26)
        #expect(configuration.ids.bitsPerCharacter == 5)
        #expect(!configuration.isStrict)
        #expect(!configuration.writesLazily)
        #expect(configuration.locking.isEnabled)
        #expect(configuration.locking.minimumWait == .milliseconds(100))
        #expect(configuration.locking.maximumWait == .milliseconds(1_000))
        #expect(configuration.locking.retries == 6)
        #expect(configuration.locking.timeout == .seconds(10))
        #expect(configuration.locking.lease == .seconds(30))
        #expect(configuration.client.selection == .phpSession(.ketamaWeighted))
        #expect(configuration.client.timeouts.connect == .milliseconds(200))
        #expect(configuration.client.credentials == .init(username: "alice", password: "s3cret"))
        #expect(configuration.poolName == "memc-session:10.0.0.1:11211")
        #expect(configuration.prefix == "app.")
        #expect(configuration.replicas == 2)
        #expect(configuration.client.health.failureThreshold == 1)
        #expect(configuration.client.failures.policy == .keep)
        #expect(configuration.ignoredSettings == [])
    }

    @Test func `php-memcached 2's names are read as well`() throws {
        let configuration = try Self.configuration([
            "session.save_path": "PERSISTENT=myapp_session 10.0.0.1:11211", "memcached.sess_binary": "1",
            "memcached.sess_lock_wait": "150000", "memcached.sess_lock_max_wait": "30",
            "memcached.sess_remove_failed": "0", "memcached.sess_consistent_hash": "0",
            "memcached.sess_persistent": "On",
        ])
        try configuration.validate()
        #expect(configuration.poolName == "myapp_session")
        #expect(configuration.locking.minimumWait == .milliseconds(150))
        #expect(configuration.locking.maximumWait == .milliseconds(150))
        #expect(configuration.locking.timeout == .seconds(30))
        #expect(configuration.locking.retries == 200)
        #expect(configuration.client.selection == .phpSession(.off))
    }

    @Test func `servers that lose sessions need leave`() async throws {
        for name in ["memcached.sess_remove_failed_servers", "memcached.sess_remove_failed"] {
            var configuration = try Self.configuration([name: "On"])
            #expect(configuration.client.failures.policy == .eject)
            let refused = configuration
            let error = await sessionError { try MemcachedSessionHandler(refused) }
            #expect(error?.detail.contains("sess_remove_failed_servers") == true)
            configuration.sessionsMayBeLost = true
            try configuration.validate()
        }
        for change: @Sendable (inout MemcachedConfiguration) -> Void in [
            { $0.placement = .equivalent }, { $0.failures.policy = .failover },
            { $0.failures.flushesReturningServersAfter = .seconds(60) },
        ] {
            var configuration = try Self.configuration([:])
            try configuration.validate()
            change(&configuration.client)
            let refused = configuration
            let error = await sessionError { try refused.validate() }
            #expect(error?.detail.contains("sessionsMayBeLost") == true)
            configuration.sessionsMayBeLost = true
            try configuration.validate()
        }
    }

    @Test func `the format is PHP's, and the one that its setting names`() throws {
        #expect(try Self.configuration([:]).format.name == "php")
        for name in ["php", "php_binary", "php_serialize", "igbinary", "msgpack"] {
            #expect(try Self.configuration(["session.serialize_handler": name]).format.name == name)
        }
        var configuration = MemcachedSessionConfiguration(servers: [.tcp("127.0.0.1")])
        configuration.format = .json
        try configuration.apply(phpSettings: ["session.gc_maxlifetime": "60"])
        #expect(configuration.format.name == "json", "what is not said stays")
    }

    @Test func `the cookie is PHP's`() throws {
        let configuration = try Self.configuration([
            "session.name": "SID", "session.cookie_lifetime": "3600", "session.cookie_path": "/shop",
            "session.cookie_domain": "example.com", "session.cookie_secure": "0", "session.cookie_httponly": "1",
            "session.cookie_samesite": "strict",
        ])
        try configuration.validate()
        var cookie = MemcachedSessionConfiguration.Cookie()
        cookie.name = "SID"
        cookie.lifetime = .seconds(3_600)
        cookie.path = "/shop"
        cookie.domain = "example.com"
        cookie.secure = .never
        cookie.isHTTPOnly = true
        cookie.sameSite = .strict
        #expect(configuration.cookie == cookie)
        let plain = try Self.configuration([
            "session.cookie_lifetime": "0", "session.cookie_domain": "", "session.cookie_samesite": "",
            "session.cookie_httponly": "",
        ])
        #expect(plain.cookie.lifetime == nil)
        #expect(plain.cookie.domain == nil)
        #expect(plain.cookie.sameSite == nil)
        #expect(!plain.cookie.isHTTPOnly)
    }

    @Test func `a schedule that is asked for is not cut short by the default deadline`() throws {
        let configuration = try Self.configuration(["memcached.sess_lock_retries": "200"])
        #expect(configuration.locking.timeout == .milliseconds(200 * 150 * 5 / 4 + 1_000))
        #expect(try Self.configuration(["memcached.sess_lock_retries": "-1"]).locking.retries == 0)
        let long = try Self.configuration([
            "memcached.sess_lock_retries": "2147483647", "memcached.sess_lock_wait_max": "86400000",
        ])
        #expect(long.locking.timeout == .seconds(86_400))
    }

    @Test func `zero means PHP's default, or the shortest wait`() throws {
        let configuration = try Self.configuration([
            "memcached.sess_lock_expire": "0", "memcached.sess_connect_timeout": "0",
            "memcached.sess_lock_wait_min": "0", "memcached.sess_lock_max_wait": "0",
        ])
        try configuration.validate()
        #expect(configuration.locking.lease == .seconds(10))
        #expect(configuration.client.timeouts.connect == .seconds(2))
        #expect(configuration.locking.minimumWait == .milliseconds(1))
        #expect(configuration.locking.timeout == .seconds(10))
    }

    @Test func `a lifetime of never is spelled out, and PHP reads it so too`() async throws {
        #expect(try Self.configuration(["session.gc_maxlifetime": "never"]).lifetime == .never)
        for value in ["0", "-5"] {
            let error = await sessionError { try Self.configuration(["session.gc_maxlifetime": value]) }
            #expect(error?.detail.contains("session.gc_maxlifetime = never") == true)
        }
    }

    @Test(arguments: [
        ("memcached.sess_lockng", "On", "memcached.sess_locking"), ("memcached.sess_", "1", "no such setting"),
        ("memcached.sess_compression", "1", "no such setting"),
        ("session.gc_maxlifetimes", "1", "session.gc_maxlifetime?"), ("session.save_pth", "h", "session.save_path?"),
        ("Session.save_path", "h", "session.save_path?"), ("session.use_strict", "1", "no such setting"),
        ("session.gc_maxlifetime", "1h", "whole number"), ("session.gc_maxlifetime", "", "whole number"),
        ("session.gc_maxlifetime", "99999999999999999999", "whole number"),
        ("session.gc_maxlifetime", "-99999999999999999999", "whole number"),
        ("session.sid_length", "21", "from 22 to 231"), ("session.sid_length", "232", "from 22 to 231"),
        ("session.sid_bits_per_character", "7", "from 4 to 6"), ("session.use_strict_mode", "maybe", "On or Off"),
        ("session.lazy_write", "2", "On or Off"), ("session.cookie_samesite", "Loose", "Lax"),
        ("session.cookie_lifetime", "-1", "whole number"), ("session.serialize_handler", "json", "igbinary"),
        ("session.save_handler", "files", "has to be memcached"),
        ("session.save_path", "h:11211;h2:11211", "h:11211;h2:11211"), ("session.save_path", "", "empty"),
        ("memcached.sess_consistent_hash_type", "jump", "ketama_weighted"),
        ("memcached.sess_consistent_hash_type", "off", "ketama_weighted"),
        ("memcached.sess_binary_protocol", "Off", "has to be On"), ("memcached.sess_binary", "0", "has to be On"),
        ("memcached.sess_lock_expire", "2", "at least 3"), ("memcached.sess_lock_expire", "-1", "whole number"),
        ("memcached.sess_lock_wait_min", "-1", "whole number"),
        ("memcached.sess_connect_timeout", "-1", "whole number"),
        ("memcached.sess_number_of_replicas", "-1", "whole number"),
        ("memcached.sess_sasl_username", "alice", "sess_sasl_password"),
        ("memcached.sess_sasl_password", "hunter2", "sess_sasl_username"),
        ("memcached.sess_remove_failed_servers", "maybe", "On or Off"),
        ("memcached.sess_remove_failed", "2", "On or Off"),
    ])
    func `a mistake is an error that names the setting`(name: String, value: String, part: String) async {
        let error = await sessionError { try Self.configuration([name: value]) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "no error")")
        #expect(error?.detail.contains("hunter2") == false)
        if name != "session.save_path" {
            #expect(error?.detail.contains("memcached.sess_") == true || error?.detail.contains(name) == true)
        }
    }

    @Test func `without a save path there are no sessions, and it may be left out where there are servers`()
        async throws
    {
        let error = await sessionError { try MemcachedSessionConfiguration(phpSettings: [:]) }
        #expect(error?.detail.contains("session.save_path") == true)
        var configuration = MemcachedSessionConfiguration(servers: [.tcp("127.0.0.1")])
        configuration.client.credentials = .init(username: "u", password: "p")
        try configuration.apply(phpSettings: ["session.gc_maxlifetime": "60"])
        #expect(configuration.lifetime == .after(.seconds(60)))
        #expect(configuration.client.servers == [.tcp("127.0.0.1")])
        #expect(configuration.client.credentials?.username == "u")
    }

    @Test func `after an error nothing is changed`() async {
        var configuration = MemcachedSessionConfiguration(servers: [.tcp("127.0.0.1")])
        let error = await sessionError {
            try configuration.apply(phpSettings: ["memcached.sess_prefix": "x.", "session.lazy_write": "?"])
        }
        #expect(error != nil)
        #expect(configuration.prefix == "memc.sess.key.")
    }

    @Test func `what means nothing here is listed, and logged once`() throws {
        let recorder = LogRecorder()
        var configuration = try Self.configuration([
            "session.gc_probability": "1", "session.use_trans_sid": "0", "memcached.compression_type": "zlib",
            "memcached.sess_randomize_replica_read": "0", "upload_max_filesize": "2M",
        ])
        configuration.client.logger = recorder.logger
        let expected = [
            "memcached.compression_type", "memcached.sess_randomize_replica_read", "session.gc_probability",
            "session.use_trans_sid", "upload_max_filesize",
        ]
        #expect(configuration.ignoredSettings == expected)
        _ = try MemcachedSessionHandler(configuration)
        #expect(recorder.lines.count { $0.contains(expected.joined(separator: " ")) } == 1)
    }

    @Test(arguments: [
        ("name", "", "cookie.name"), ("name", "a b", "cookie.name"), ("name", "a=b", "cookie.name"),
        ("name", "123", "cookie.name"), ("cookie_path", "shop", "cookie.path"), ("cookie_path", "/a;b", "cookie.path"),
        ("cookie_path", "/\r\nSet-Cookie: x", "cookie.path"), ("cookie_domain", "a;b", "cookie.domain"),
        ("cookie_domain", "a b", "cookie.domain"),
    ])
    func `a cookie that would break its header is refused`(name: String, value: String, part: String) async throws {
        let configuration = try Self.configuration(["session.\(name)": value])
        let error = await sessionError { try configuration.validate() }
        #expect(error?.detail.contains(part) == true)
    }

    @Test func `SameSite None needs a secure cookie`() async throws {
        var configuration = try Self.configuration(["session.cookie_samesite": "None"])
        try configuration.validate()
        configuration.cookie.secure = .never
        #expect(await sessionError { try configuration.validate() }?.detail.contains("sameSite") == true)
    }
}
