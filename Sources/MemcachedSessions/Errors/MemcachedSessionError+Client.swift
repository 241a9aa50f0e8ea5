import Memcached

extension MemcachedSessionError {
    /// What an error of the client means for a session.
    init(_ error: MemcachedError) {
        let (code, detail) = Self.explanation(error.code)
        self.init(code, detail, outcome: error.outcome, cause: error)
    }

    private static func explanation(_ code: MemcachedError.Code) -> (Code, String) {
        switch code {
        case .cancelled:
            (.cancelled, "the request was cancelled; nothing more of its session is read or stored")
        case .valueTooLarge:
            (.tooLarge, "the server takes no session of this size; keep less in it. What was stored before stays")
        case .clientShutDown:
            (.ended, "the session handler has been shut down; make a new one")
        case .casUnavailable:
            (.unsafeServer, unsafeServer("the server", "it did not look at a condition").detail)
        case .timeout, .connectionFailed, .connectionLost, .serverDown, .tooManyConnections, .overloaded,
            .temporaryFailure, .outOfMemory, .protocolViolation, .serverError, .credentialsUnavailable:
            (.unavailable, "the session cache cannot be reached or does not answer; send no cookie and try later")
        default:
            (.refused, "the session cache refuses to work; check servers and credentials in the configuration")
        }
    }

    static func unsafeServer(_ server: String, _ reason: String) -> MemcachedSessionError {
        MemcachedSessionError(
            .unsafeServer,
            "\(server): \(reason). Without it one request cannot tell its lock from another's; start memcached without "
                + "-C, or accept lost changes with allowsUnfencedServers"
        )
    }

    static var lockLost: MemcachedSessionError {
        MemcachedSessionError(
            .lockLost,
            "the session's lock ran out while the session was in use, and nothing was written. Raise locking.lease, or "
                + "find out why this process stood still",
            outcome: .notSent
        )
    }

    /// The lock turned out to be gone when a write had been sent already.
    static var lockLostAfterWrite: MemcachedSessionError {
        MemcachedSessionError(
            .lockLost,
            "the session's lock was gone before it was given back: deleted or evicted, or the server was restarted. The "
                + "write reached the server; a request that took the lock meanwhile may still overwrite it",
            outcome: .unknown
        )
    }

    /// The answer to a write was lost, and the cache did not say what had become of it.
    static func unavailableAfterWrite(_ cause: MemcachedError?) -> MemcachedSessionError {
        MemcachedSessionError(
            .unavailable,
            "the session cache went away while the session was written; whether it was written is not known. Send no "
                + "cookie and try later",
            outcome: .unknown,
            cause: cause
        )
    }

    static var conflict: MemcachedSessionError {
        MemcachedSessionError(
            .conflict,
            "another request changed the session meanwhile; its change stays and nothing was written. Let the user try "
                + "again",
            outcome: .rejected
        )
    }

    static var lost: MemcachedSessionError {
        MemcachedSessionError(
            .lost,
            "the session has gone while it was in use (logged out, run out or evicted) and was not stored again",
            outcome: .rejected
        )
    }

    static func locked(attempts: Int) -> MemcachedSessionError {
        MemcachedSessionError(
            .locked,
            "another request holds the session's lock and did not let go of it in time; the server was asked "
                + "\(attempts) times. Hold sessions for shorter, or raise locking.retries and locking.timeout"
        )
    }
}
