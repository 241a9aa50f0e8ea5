import Memcached

/// What `memc` returns to the shell: the numbers of BSD's `sysexits.h`, and 1 for a miss.
enum ExitStatus: Int32 {
    /// There is no such item.
    case miss = 1
    /// The arguments are wrong (`EX_USAGE`).
    case usage = 64
    /// The input, or what is stored, is wrong (`EX_DATAERR`).
    case data = 65
    /// A file cannot be read (`EX_NOINPUT`).
    case noInput = 66
    /// A server cannot be reached, or did not answer in time (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// A server answered with an error (`EX_SOFTWARE`).
    case software = 70
    /// Reading standard input or writing standard output failed (`EX_IOERR`).
    case inputOutput = 74
    /// Trying again later may help (`EX_TEMPFAIL`).
    case temporary = 75
    /// What answers does not speak the binary protocol (`EX_PROTOCOL`).
    case wrongProtocol = 76
    /// Credentials or a certificate were refused (`EX_NOPERM`).
    case notPermitted = 77
    /// The environment does not name a cache (`EX_CONFIG`).
    case configuration = 78

    /// The status for an error of the client.
    init(_ code: MemcachedError.Code) {
        switch code {
        case .invalidConfiguration: self = .configuration
        case .invalidKey, .invalidArgument: self = .usage
        case .valueTooLarge, .decodingFailed, .encodingFailed: self = .data
        case .timeout, .cancelled, .serverDown, .connectionFailed, .connectionLost, .tooManyConnections,
            .clientShutDown:
            self = .unavailable
        case .overloaded, .outOfMemory, .temporaryFailure: self = .temporary
        case .notBinaryProtocol, .protocolViolation, .responseTooLarge: self = .wrongProtocol
        case .tlsFailed, .certificateRefused, .authenticationRefused, .authenticationRequired,
            .authenticationUnsupported, .noSuitableMechanism, .serverNotAuthenticated, .credentialsUnavailable,
            .notPermitted:
            self = .notPermitted
        default: self = .software
        }
    }
}
