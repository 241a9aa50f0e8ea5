import MemcachedWire
import Testing

/// The message of PLAIN.
struct SASLPlainTests {
    @Test func `authorization identity, user and password stand between two NULs`() throws {
        #expect(try SASLPlain.message(user: "alice", password: "s3cret") == Array("\0alice\0s3cret".utf8))
        #expect(
            try SASLPlain.message(authorization: "alice", user: "alice", password: "s3cret")
                == Array("alice\0alice\0s3cret".utf8)
        )
    }

    @Test func `names and passwords are UTF-8`() throws {
        let message = try SASLPlain.message(user: "d\u{F6}rte", password: "p\u{E9}\u{20AC} w")
        #expect(message == [0, 0x64, 0xC3, 0xB6, 0x72, 0x74, 0x65, 0, 0x70, 0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0x20, 0x77])
    }

    @Test(
        arguments: [
            ("", "", "secret", .emptyUser), ("", "alice", "", .emptyPassword), ("", "", "", .emptyUser),
            ("", "al\0ice", "secret", .containsNUL), ("", "alice", "sec\0ret", .containsNUL),
            ("\0", "alice", "secret", .containsNUL), ("", "alice", "\0", .containsNUL),
        ] as [(String, String, String, SASLPlain.Failure)]
    )
    func `what would break the message is refused`(
        authorization: String,
        user: String,
        password: String,
        failure: SASLPlain.Failure
    ) {
        #expect(throws: failure) {
            try SASLPlain.message(authorization: authorization, user: user, password: password)
        }
    }

    @Test func `a failure tells nothing of the password`() {
        do {
            _ = try SASLPlain.message(user: "alice", password: "hunter\0two")
            Issue.record("a password with NUL was accepted")
        } catch {
            #expect(!String(reflecting: error).contains("hunter"))
        }
    }
}
