import Testing

@testable import Memcached

@Suite struct MemcachedErrorTests {
    private struct Cause: Error, CustomStringConvertible {
        var description: String { "hunter2" }
    }

    @Test func `errors are equal when their codes are`() {
        let error = MemcachedError(.timeout, "a", operation: "GET", server: "h:1", status: 1, outcome: .unknown)
        #expect(error == MemcachedError(.timeout, "b"))
        #expect(error != MemcachedError(.cancelled, "a", operation: "GET", server: "h:1", status: 1, outcome: .unknown))
    }

    @Test func `the description is one line of code, place and advice`() {
        let full = MemcachedError(
            .timeout,
            "too slow",
            operation: "GET",
            server: "h:1",
            status: 0x86,
            outcome: .unknown
        )
        #expect(
            full.description
                == "MemcachedError.timeout (GET, server h:1, status 0x86, outcome unknown): too slow"
        )
        #expect(MemcachedError(.cancelled, "gone").description == "MemcachedError.cancelled (outcome notSent): gone")
        #expect("\(full)" == full.description)
        #expect(String(reflecting: full) == full.description)
    }

    @Test func `the cause is kept and not printed`() {
        let error = MemcachedError(.connectionFailed, "refused", cause: Cause())
        #expect(error.cause is Cause)
        #expect(!error.description.contains("hunter2"))
    }

    @Test func `what was not known is added, what was known stays`() {
        let error = MemcachedError(.timeout, "slow", status: 3, outcome: .unknown, cause: Cause())
        let told = error.with(operation: "GET", server: "h:1")
        #expect(told.operation == "GET")
        #expect(told.server == "h:1")
        #expect(told.outcome == .unknown)
        #expect(told.status == 3)
        #expect(told.detail == "slow")
        #expect(told.cause is Cause)
        let again = told.with(operation: "SET", server: "other:2")
        #expect(again.operation == "GET")
        #expect(again.server == "h:1")
        #expect(error.operation == nil)
    }

    @Test func `the outcome is what is known last`() {
        let error = MemcachedError(.connectionLost, "gone", outcome: .unknown)
        #expect(error.with(outcome: .notSent).outcome == .notSent)
        #expect(error.with(operation: "GET").outcome == .unknown)
    }

    @Test func `nothing was sent unless it is said`() {
        #expect(MemcachedError(.invalidKey, "empty").outcome == .notSent)
    }

    @Test func `codes are told apart by their names`() {
        let codes: [MemcachedError.Code] = [
            .invalidConfiguration, .invalidKey, .invalidArgument, .valueTooLarge, .decodingFailed, .encodingFailed,
            .nonNumericValue, .timeout, .cancelled, .overloaded, .clientShutDown, .connectionFailed, .connectionLost,
            .tooManyConnections, .authenticationRefused, .authenticationRequired, .authenticationUnsupported,
            .noSuitableMechanism, .notBinaryProtocol, .protocolViolation, .responseTooLarge, .unknownCommand,
            .invalidRequest, .outOfMemory, .temporaryFailure, .notPermitted, .serverError, .casUnavailable,
        ]
        #expect(Set(codes).count == codes.count)
        #expect(Set(codes.map(\.description)).count == codes.count)
        // They are labels of metrics: short names and nothing else.
        #expect(codes.allSatisfy { $0.description.allSatisfy { $0.isASCII && $0.isLetter } })
    }

    @Test func `an error is one reference wide`() {
        #expect(MemoryLayout<MemcachedError>.size == MemoryLayout<AnyObject>.size)
    }
}
