import Testing

@testable import Memcached

/// Which failures send an operation to another server.
@Suite struct RetryRuleTests {
    private static func error(_ code: MemcachedError.Code, _ outcome: MemcachedError.Outcome) -> MemcachedError {
        MemcachedError(code, "x", outcome: outcome)
    }

    private static func allows(
        _ error: MemcachedError,
        isRead: Bool = false,
        _ rule: Router.Rule,
        isDown: Bool = true
    ) -> Bool {
        RetryRule.allowsAnotherServer(error, isRead: isRead, rule, isDown: isDown)
    }

    static let ofServer: [MemcachedError.Code] = [
        .serverDown, .timeout, .connectionFailed, .connectionLost, .tooManyConnections, .tlsFailed,
        .certificateRefused, .authenticationRefused, .authenticationRequired, .notBinaryProtocol,
        .serverNotAuthenticated, .credentialsUnavailable, .authenticationUnsupported, .noSuitableMechanism,
    ]
    static let ofCaller: [MemcachedError.Code] = [
        .cancelled, .clientShutDown, .invalidKey, .invalidArgument, .valueTooLarge, .encodingFailed,
        .invalidConfiguration,
    ]

    @Test(arguments: ofServer)
    func `what was not sent goes elsewhere`(code: MemcachedError.Code) {
        let error = Self.error(code, .notSent)
        #expect(Self.allows(error, .equivalent, isDown: false))
        #expect(Self.allows(error, .failover))
        #expect(Self.allows(error, .eject))
    }

    @Test(arguments: ofServer)
    func `keys do not move before the server is down`(code: MemcachedError.Code) {
        let error = Self.error(code, .notSent)
        #expect(!Self.allows(error, .failover, isDown: false))
        #expect(!Self.allows(error, .eject, isDown: false))
    }

    @Test(arguments: ofServer + ofCaller)
    func `with keep nothing goes elsewhere`(code: MemcachedError.Code) {
        #expect(!Self.allows(Self.error(code, .notSent), isRead: true, .keep))
    }

    @Test(arguments: ofCaller)
    func `what is wrong with the operation is wrong elsewhere too`(code: MemcachedError.Code) {
        #expect(!Self.allows(Self.error(code, .notSent), isRead: true, .equivalent))
        #expect(!Self.allows(Self.error(code, .notSent), isRead: true, .failover))
    }

    @Test(arguments: [MemcachedError.Code.connectionLost, .timeout])
    func `a read whose answer was lost goes elsewhere, a write does not`(code: MemcachedError.Code) {
        let error = Self.error(code, .unknown)
        #expect(Self.allows(error, isRead: true, .equivalent, isDown: false))
        #expect(!Self.allows(error, .equivalent, isDown: false))
        #expect(Self.allows(error, isRead: true, .failover))
        #expect(!Self.allows(error, .failover))
    }

    @Test(arguments: ofServer + ofCaller + [.overloaded])
    func `the same server is asked again only where a moment may change something`(code: MemcachedError.Code) {
        let mayPass: Set<MemcachedError.Code> = [.timeout, .connectionFailed, .connectionLost, .tooManyConnections]
        for isRead in [false, true] {
            let isAllowed = RetryRule.allowsSameServer(Self.error(code, .notSent), isRead: isRead)
            #expect(isAllowed == mayPass.contains(code))
            let isAllowedUnknown = RetryRule.allowsSameServer(Self.error(code, .unknown), isRead: isRead)
            #expect(isAllowedUnknown == (isRead && mayPass.contains(code)))
            #expect(!RetryRule.allowsSameServer(Self.error(code, .rejected), isRead: isRead))
        }
    }

    @Test func `an answer is an answer`() {
        #expect(!Self.allows(Self.error(.outOfMemory, .rejected), isRead: true, .equivalent))
        #expect(!Self.allows(Self.error(.connectionLost, .rejected), isRead: true, .equivalent))
    }

    @Test func `a full server is relieved by an equivalent one, and keeps its keys otherwise`() {
        let error = Self.error(.overloaded, .notSent)
        #expect(Self.allows(error, .equivalent, isDown: false))
        #expect(!Self.allows(error, .failover))
    }
}
