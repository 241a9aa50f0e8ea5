import Testing

@testable import Memcached

/// What answered where a binary response was expected.
@Suite struct TextAnswerTests {
    @Test(arguments: [
        ("ERROR Too many open connections\r\n", MemcachedError.Code.tooManyConnections, "-c option"),
        ("ERROR Too many open connections", .tooManyConnections, "-c option"),
        ("ERROR\r\n", .notBinaryProtocol, "text protocol only"),
        ("ERROR too many open connections\r\n", .notBinaryProtocol, "text protocol only"),
        ("CLIENT_ERROR malformed request\r\n", .notBinaryProtocol, "text protocol only"),
        ("HTTP/1.1 400 Bad Request\r\n", .notBinaryProtocol, "HTTP server"),
        ("http/1.1 400\r\n", .notBinaryProtocol, "not a memcached"),
        ("SSH-2.0-OpenSSH_9.2\r\n", .notBinaryProtocol, "not a memcached"),
        ("-ERR unknown command\r\n", .notBinaryProtocol, "not a memcached"),
        ("\u{15}\u{3}\u{3}\0\u{2}\u{2}P", .notBinaryProtocol, "speaks TLS"),
        ("\u{15}", .notBinaryProtocol, "speaks TLS"),
        ("\u{16}\u{3}\u{1}", .notBinaryProtocol, "speaks TLS"),
        ("\u{16}\u{4}", .notBinaryProtocol, "not a memcached"),
        ("\u{18}\u{3}", .notBinaryProtocol, "not a memcached"),
        ("", .notBinaryProtocol, "not a memcached"),
        ("E", .notBinaryProtocol, "not a memcached"),
    ])
    func `an answer is told by its first bytes`(text: String, code: MemcachedError.Code, words: String) {
        let error = TextAnswer.error(for: Array(text.utf8))
        #expect(error.code == code)
        #expect(error.detail.contains(words))
        #expect(error.outcome == .rejected)
    }

    /// Nobody knows what the bytes are.
    @Test func `the bytes themselves are not shown`() {
        for text in ["HTTP/1.1 200 hunter2", "ERROR hunter2", "hunter2"] {
            #expect(!TextAnswer.error(for: Array(text.utf8)).description.contains("hunter2"))
        }
    }

    @Test func `a line or 64 bytes are enough`() {
        #expect(!TextAnswer.isComplete([]))
        #expect(!TextAnswer.isComplete(Array("ERROR Too many".utf8)))
        #expect(TextAnswer.isComplete(Array("ERROR\n".utf8)))
        #expect(!TextAnswer.isComplete(Array(repeating: 0x41, count: 63)))
        #expect(TextAnswer.isComplete(Array(repeating: 0x41, count: 64)))
    }

    /// As far as it has come at the latest when it is complete.
    @Test func `64 bytes are enough to tell all cases apart`() {
        let texts = ["ERROR Too many open connections", "ERROR", "CLIENT_ERROR", "HTTP/"]
        #expect(texts.allSatisfy { $0.utf8.count <= TextAnswer.sufficientByteCount })
    }
}
