import Foundation
import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct PHPINITests {
    static let environment = [
        "MEMCACHIER_SERVERS": "mc1.example.com:11211,mc2.example.com", "MEMCACHIER_USERNAME": "ada",
        "MEMCACHIER_PASSWORD": "hunter2;x", "EMPTY": "",
    ]

    static func value(_ text: String, isList: Bool = false) throws -> String {
        try PHPINIValue.parse(text[...], environment: environment, isList: isList)
    }

    @Test func `MemCachier's own .user.ini works as it stands`() throws {
        let configuration = try MemcachedSessionConfiguration(
            phpINI: """
                \u{FEFF}; sessions
                [Session]
                session.save_handler=memcached
                  memcached.sess_binary_protocol = 1  ; the only one
                session.save_path="${MEMCACHIER_SERVERS}"
                memcached.sess_persistent=On
                memcached.sess_sasl_username=${MEMCACHIER_USERNAME}
                memcached.sess_sasl_password=${MEMCACHIER_PASSWORD}
                error_reporting = E_ALL & ~E_NOTICE
                date.timezone = 'Europe/Berlin'
                session.gc_maxlifetime=60\r
                session.gc_maxlifetime=120
                # not PHP's any more
                extension = memcached
                """,
            environment: Self.environment
        )
        try configuration.validate()
        #expect(configuration.client.servers.map(\.label) == ["mc1.example.com:11211", "mc2.example.com:11211"])
        #expect(configuration.client.credentials == .init(username: "ada", password: "hunter2;x"))
        #expect(configuration.poolName == "memc-session:mc1.example.com:11211,mc2.example.com")
        #expect(configuration.lifetime == .after(.seconds(120)))
        #expect(configuration.ignoredSettings == ["date.timezone", "error_reporting", "extension"])
    }

    @Test(arguments: [
        (" On ", "1"), ("none", ""), ("Null ; c", ""), ("TRUE;c", "1"), ("\"None\"", "None"), ("'on'", "on"),
        ("noneX", "noneX"), ("On/Off", "On/Off"), ("\"a\"  b", "ab"), ("a \"b\" c", "abc"), ("'a' b", "a b"),
        ("${MEMCACHIER_USERNAME} y", "ada y"), ("\"a\" ${MEMCACHIER_USERNAME}", "aada"), ("\"it\\'s\"", "it\\'s"),
        ("\"\\${X}\"", "${X}"), ("\"a\\\\\" ; c", "a\\"), ("\"a;b\"", "a;b"), ("'a${X}'", "a${X}"), ("a b ; c", "a b"),
        ("\"a\"'b'c", "abc"),
        ("\"say \\\"hi\\\" \\\\ \\n\"", "say \"hi\" \\ \\n"), ("x${MEMCACHIER_USERNAME}y", "xaday"),
        ("${NOT_SET:-there}", "there"), ("${EMPTY}", ""), ("${EMPTY:-there}", ""), ("", ""), ("  ; nothing", ""),
        ("1;comment", "1"), ("\"${MEMCACHIER_PASSWORD}\"", "hunter2;x"), ("$5", "$5"), ("100%", "100%"),
    ])
    func `a value is read as PHP reads it`(text: String, value: String) throws {
        #expect(try Self.value(text) == value)
    }

    @Test(arguments: [
        ("\"a", "closing quote"), ("'a", "closing quote"), ("${A", "closing brace"), ("\"${A\"", "closing brace"),
        ("none at all", "quote the value"),
        ("on \"x\"", "quote the value"), ("a=b", "quote the value"), ("a|b", "quote the value"),
        ("a$", "quote the value"), ("\\none", "quote the value"), ("''a", "leave it out"), ("(a)", "quote the value"),
        ("${NOT_SET}", "NOT_SET"),
    ])
    func `what PHP would misread is an error`(text: String, part: String) {
        let fault = #expect(throws: PHPINIValue.Fault.self) { try Self.value(text) }
        #expect(fault?.advice.contains(part) == true)
    }

    @Test func `a list that a semicolon would cut short is an error, a comment is none`() throws {
        #expect(throws: PHPINIValue.Fault.self) { try Self.value("h:1;h2:2", isList: true) }
        #expect(try Self.value("h:1 ;h2:2", isList: true) == "h:1")
        #expect(try Self.value("\"h:1\" ; two", isList: true) == "h:1")
    }

    @Test(arguments: [
        ("\n\nsession.save_path=PERSISTENT=x h:1", "session.save_path in line 3"),
        ("session.save_path=${NOT_SET}", "NOT_SET"), ("session.save_path", "no value"),
        ("session.save_path=h:1;h:2", "semicolon"), ("session.save_paths=h", "session.save_path?"),
        ("[HOST=example.com]\nsession.save_path=h", "hosts or paths"), ("[PATH=/a]\nsession.name=x", "line 2"),
        ("memcached.sess_loking=1", "memcached.sess_locking?"), ("error_reporting=1", "session.save_path"),
    ])
    func `a mistake in a file is named with its line`(text: String, part: String) async {
        let error = await sessionError {
            try MemcachedSessionConfiguration(phpINI: text, environment: Self.environment)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.detail.contains(part) == true, "\(error?.detail ?? "no error")")
    }

    @Test func `no error shows a password`() async {
        for line in [
            "session.save_path=\"user:hunter2@h:1\"", "memcached.sess_sasl_password=hunter2",
            "memcached.sess_sasl_password=\"hunter2", "memcached.sess_sasl_password=hunter2=",
        ] {
            let error = await sessionError { try MemcachedSessionConfiguration(phpINI: line, environment: [:]) }
            #expect(error != nil)
            #expect(error.map { "\($0)".contains("hunter2") } == false)
        }
    }

    @Test func `no text makes it crash, and each is either settings or an error that can be shown`() async {
        let pieces = [
            "session.", "save_path", "memcached.sess_", "locking", "=", "\"", "'", "${", "}", ":-", "EMPTY", ";", "#",
            "[",
            "HOST=", "]", "\\", "\n", "\r\n", " ", "\t", "h:1", ",", "1", "-", "é", "\u{0}", "\u{301}",
            "99999999999999999999",
        ]
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        var accepted = 0
        for _ in 0..<5_000 {
            var text = "session.save_path=h"
            for _ in 0..<12 {
                // A linear congruential generator: the same texts in every run.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            do throws(MemcachedSessionError) {
                _ = try MemcachedSessionConfiguration(phpINI: text, environment: Self.environment)
                accepted += 1
            } catch {
                #expect(error.code == .invalidConfiguration)
                #expect(!error.detail.isEmpty)
                #expect(!error.detail.utf8.contains(0), "\(error.detail)")
            }
        }
        #expect(accepted > 0)
        #expect(accepted < 5_000)
    }

    @Test func `the settings that PHP and Swift share in the example are read`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let configuration = try MemcachedSessionConfiguration(
            phpINIFile: root.appending(path: "Examples/PHPMigration/settings/sessions.ini").path(),
            environment: ["MEMCACHED_SERVERS": "h:1,h:2", "MEMCACHED_USERNAME": "ada", "MEMCACHED_PASSWORD": "a;$b"]
        )
        try configuration.validate()
        #expect(configuration.client.servers.map(\.label) == ["h:1", "h:2"])
        #expect(configuration.client.credentials == .init(username: "ada", password: "a;$b"))
        #expect(configuration.cookie.sameSite == .lax && configuration.cookie.secure == .never)
        #expect(configuration.locking.lease == .seconds(30) && configuration.isStrict)
    }

    @Test func `a file is read, and one that is none is an error`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "php-ini-\(UInt64.random(in: .min ... .max))"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: ".user.ini")
        try Data("session.save_path=\"h:11300\"\n".utf8).write(to: file)
        let configuration = try MemcachedSessionConfiguration(phpINIFile: file.path(), environment: [:])
        #expect(configuration.client.servers.map(\.label) == ["h:11300"])
        try Data([0xFF, 0xFE, 0x00]).write(to: file)
        #expect(
            await sessionError { try MemcachedSessionConfiguration(phpINIFile: file.path(), environment: [:]) }?.code
                == .invalidConfiguration
        )
        let missing = directory.appending(path: "missing").path()
        #expect(
            await sessionError { try MemcachedSessionConfiguration(phpINIFile: missing, environment: [:]) }?.detail
                .contains(missing) == true
        )
    }
}
