import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// What the end of an operation says of its server.
@Suite struct OperationVerdictTests {
    private func verdict(
        _ code: MemcachedError.Code,
        _ outcome: MemcachedError.Outcome,
        patience: TimeAmount = .seconds(1)
    ) -> OperationVerdict {
        OperationVerdict(MemcachedError(code, "", outcome: outcome), patience: patience, usual: .seconds(1))
    }

    @Test func `a timeout counts when the caller waited as long as is usual`() {
        #expect(verdict(.timeout, .unknown).error != nil)
        #expect(verdict(.timeout, .notSent).error != nil)
        #expect(verdict(.timeout, .unknown, patience: .seconds(60)).error != nil)
        #expect(verdict(.timeout, .unknown, patience: .milliseconds(990)).error != nil)
        #expect(verdict(.timeout, .unknown, patience: .milliseconds(500)).isNone)
        #expect(verdict(.timeout, .unknown, patience: .zero).isNone)
        #expect(verdict(.timeout, .unknown, patience: .nanoseconds(.min)).isNone)
    }

    @Test func `a connection that went with requests on it counts, one that had gone before does not`() {
        #expect(verdict(.connectionLost, .unknown).error != nil)
        #expect(verdict(.protocolViolation, .unknown).error != nil)
        #expect(verdict(.connectionLost, .notSent).isNone)
        #expect(verdict(.protocolViolation, .notSent).isNone)
    }

    /// Attempts to connect are counted where they fail, once for all who wait.
    @Test(arguments: [
        MemcachedError.Code.cancelled, .overloaded, .clientShutDown, .valueTooLarge, .responseTooLarge,
        .connectionFailed, .authenticationRefused, .tooManyConnections,
    ])
    func `what the caller or its request is the reason of does not count`(code: MemcachedError.Code) {
        for outcome in [MemcachedError.Outcome.notSent, .unknown, .rejected] {
            #expect(verdict(code, outcome).isNone)
        }
    }

    @Test(arguments: [Status.success, .notFound, .exists, .notStored, .outOfMemory, .tooLarge, .unknownCommand])
    func `whatever a server answers, it answers`(status: Status) {
        #expect(OperationVerdict(status, isAboutKey: true).isAnswer)
    }

    @Test(arguments: [Status.busy, .temporaryFailure, .internalError])
    func `a server that is busy is neither well nor down`(status: Status) {
        #expect(OperationVerdict(status, isAboutKey: true).isNone)
    }

    @Test func `what is about a key is told apart from what a proxy answers by itself`() {
        for opcode in [Opcode.get, .set, .delete, .increment, .touch, .getAndTouch] {
            #expect(Request(opcode: opcode, key: "key").isAboutKey)
        }
        for request in [
            Request(opcode: .noop), Request(opcode: .version), Request(opcode: .flush), Request(opcode: .stat),
            Request(opcode: .stat, key: "settings"),
        ] {
            #expect(!request.isAboutKey)
        }
    }
}

extension OperationVerdict {
    fileprivate var error: MemcachedError? {
        if case .failed(let error) = self { error } else { nil }
    }

    fileprivate var isNone: Bool {
        if case .none = self { true } else { false }
    }

    fileprivate var isAnswer: Bool {
        if case .answered(true) = self { true } else { false }
    }
}
