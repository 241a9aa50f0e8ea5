import MemcachedWire
import Testing

@testable import Memcached

@Suite struct ServerFaultTests {
    /// Every status with a name, and one without.
    static let codes: [(Status, MemcachedError.Code)] = [
        (.success, .serverError), (.notFound, .serverError), (.exists, .serverError), (.tooLarge, .valueTooLarge),
        (.invalidArguments, .invalidRequest), (.notStored, .serverError), (.nonNumeric, .nonNumericValue),
        (.wrongVBucket, .serverError), (.authenticationError, .authenticationRequired),
        (.authenticationContinueAlternative, .serverError), (.authenticationFailure, .authenticationRequired),
        (.authenticationContinue, .serverError), (.unknownCommand, .unknownCommand), (.outOfMemory, .outOfMemory),
        (.notSupported, .notPermitted), (.internalError, .serverError), (.busy, .temporaryFailure),
        (.temporaryFailure, .temporaryFailure), (Status(rawValue: 0xFFFF), .serverError),
    ]

    @Test(arguments: codes)
    func `a status is told by its code`(status: Status, code: MemcachedError.Code) {
        let error = ServerFault.error(status, opcode: .set)
        #expect(error.code == code)
        #expect(error.status == status.rawValue)
        #expect(error.operation == "SET")
        #expect(error.outcome == .rejected)
        #expect(error.server == nil)
    }

    @Test func `no status is left out`() {
        #expect(Set(Status.named.map(\.status)).isSubset(of: Self.codes.map(\.0)))
    }

    @Test func `a status without a name is shown as its word`() {
        let error = ServerFault.error(Status(rawValue: 0xABCD), opcode: Opcode(rawValue: 0x7F))
        #expect(error.detail.contains("0xabcd"))
        #expect(error.operation == "0x7f")
    }

    @Test(arguments: [Status.authenticationFailure, .authenticationError])
    func `a refusal depends on what was asked and by whom`(status: Status) {
        #expect(ServerFault.error(status, opcode: .get).code == .authenticationRequired)
        #expect(ServerFault.error(status, opcode: .get, isAuthenticated: true).code == .notPermitted)
        for opcode in [Opcode.flush, .flushQuiet] {
            let error = ServerFault.error(status, opcode: opcode)
            #expect(error.code == .notPermitted)
            #expect(error.detail.contains("-F"))
            #expect(ServerFault.error(status, opcode: opcode, isAuthenticated: true).code == .notPermitted)
        }
    }
}
