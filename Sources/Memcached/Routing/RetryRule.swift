/// Whether an operation that failed at one server goes to another, or to the same once more.
enum RetryRule {
    /// Whether it may and should go to another.
    ///
    /// - Parameters:
    ///   - error: How it failed.
    ///   - isRead: Whether doing it twice is as good as once.
    ///   - rule: What the servers are to one another.
    ///   - isDown: Whether the server has been found down meanwhile.
    /// - Returns: Whether another server is to be asked.
    static func allowsAnotherServer(_ error: MemcachedError, isRead: Bool, _ rule: Router.Rule, isDown: Bool) -> Bool {
        switch rule {
        case .keep: false
        // Only a server that is down loses its keys to another: after a single failure it would be a coin toss which
        // of the two has the last value.
        case .eject, .failover: isDown && isOfServer(error) && isRepeatable(error, isRead)
        case .equivalent: (isOfServer(error) || error.code == .overloaded) && isRepeatable(error, isRead)
        }
    }

    /// Whether it may and should go to the same server, if it is to be tried again.
    ///
    /// - Parameters:
    ///   - error: How it failed.
    ///   - isRead: Whether doing it twice is as good as once.
    /// - Returns: Whether a moment later it may go better.
    static func allowsSameServer(_ error: MemcachedError, isRead: Bool) -> Bool {
        isOfServer(error) && isRepeatable(error, isRead) && error.code != .serverDown && !ServerHealth.isDecisive(error)
    }

    /// Whether nothing was sent, or the answer of a read was lost.
    private static func isRepeatable(_ error: MemcachedError, _ isRead: Bool) -> Bool {
        switch error.outcome {
        case .notSent: true
        case .unknown: isRead
        case .rejected: false
        }
    }

    /// Whether another server might do better.
    private static func isOfServer(_ error: MemcachedError) -> Bool {
        switch error.code {
        case .serverDown, .timeout, .connectionFailed, .connectionLost, .tooManyConnections, .tlsFailed,
            .certificateRefused, .authenticationRefused, .authenticationRequired, .authenticationUnsupported,
            .noSuitableMechanism, .serverNotAuthenticated, .credentialsUnavailable, .notBinaryProtocol,
            .protocolViolation:
            true
        default:
            false
        }
    }
}
