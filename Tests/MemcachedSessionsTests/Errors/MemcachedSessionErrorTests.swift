import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct MemcachedSessionErrorTests {
    @Test func `errors are equal by code and say code, outcome, advice and the client's error`() {
        let cause = MemcachedError(.connectionFailed, "connection refused", operation: "ADD", server: "10.0.0.1:11211")
        let error = MemcachedSessionError(cause)
        #expect(error == MemcachedSessionError(.unavailable, "something else"))
        #expect(error != MemcachedSessionError(.locked, error.detail))
        let text = "\(error)"
        for part in ["unavailable", "notSent", "send no cookie", "10.0.0.1:11211", "connection refused"] {
            #expect(text.contains(part), "\(part) is missing in: \(text)")
        }
    }

    @Test func `a cause that may hold values is not shown`() {
        struct Telling: Error, CustomStringConvertible {
            var description: String { "the password is hunter2" }
        }
        let error = MemcachedSessionError(.decodingFailed, "not of the type", cause: Telling())
        #expect(!"\(error)".contains("hunter2"))
        #expect(error.cause is Telling)
    }

    @Test(arguments: [
        (MemcachedError.Code.timeout, MemcachedSessionError.Code.unavailable), (.connectionFailed, .unavailable),
        (.connectionLost, .unavailable), (.serverDown, .unavailable), (.tooManyConnections, .unavailable),
        (.overloaded, .unavailable),
        (.temporaryFailure, .unavailable), (.outOfMemory, .unavailable), (.protocolViolation, .unavailable),
        (.serverError, .unavailable), (.authenticationRefused, .refused), (.authenticationRequired, .refused),
        (.authenticationUnsupported, .refused), (.notBinaryProtocol, .refused), (.unknownCommand, .refused),
        (.notPermitted, .refused), (.valueTooLarge, .tooLarge), (.cancelled, .cancelled), (.clientShutDown, .ended),
        (.casUnavailable, .unsafeServer),
    ])
    func `a locked session, an outage and a misconfiguration are told apart`(
        code: MemcachedError.Code,
        expected: MemcachedSessionError.Code
    ) {
        let error = MemcachedSessionError(MemcachedError(code, "", outcome: .unknown))
        #expect(error.code == expected)
        #expect(error.outcome == .unknown)
        #expect(!error.detail.isEmpty)
    }

    @Test func `no error and no log line of a failing request shows its id or its content`() async throws {
        let recorder = LogRecorder()
        for fault in [MemoryCache.Fault.fail(.outage), .loseAnswer, .answerLate] {
            let fixture = try Fixture {
                $0.client.logger = recorder.logger
                $0.locking.retries = 0
            }
            for line in ["ADD", "GETK", "REPLACE", "DELETE"] {
                fixture.store(#"{"secret":"hunter2"}"#)
                fixture.cache.inject(line, fault, times: 8)
                let error = await sessionError {
                    try await fixture.handler.withSession(id: Fixture.id) { session in
                        session["secret", default: "hunter2"] += "!"
                        fixture.time.advance(by: .seconds(1))
                    }
                }
                if let error { recorder.note("\(error) \(error.detail) \(String(reflecting: error.code))") }
            }
        }
        #expect(recorder.lines.count > 5)
        for line in recorder.lines {
            #expect(!line.contains(Fixture.id.prefix(8)), "\(line)")
            #expect(!line.contains("hunter2"), "\(line)")
        }
    }

    @Test func `a session held for long is logged at info once`() async throws {
        let recorder = LogRecorder()
        let fixture = try Fixture { $0.client.logger = recorder.logger }
        fixture.store("{}")
        for duration in [400, 600, 700] {
            _ = try await fixture.handler.withSession(id: Fixture.id) { _ in
                fixture.time.advance(by: .milliseconds(duration))
            }
        }
        let long = recorder.lines.filter { $0.contains("500 ms") }
        #expect(long.count == 2)
        #expect(long.first?.hasPrefix("info") == true)
        #expect(long.first?.contains("held_ms=600") == true)
        #expect(long.last?.hasPrefix("debug") == true)
    }
}
