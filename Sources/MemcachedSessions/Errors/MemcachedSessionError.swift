public import Memcached
import PHPSessionCodec

/// What went wrong with a session and what to do.
///
/// No text here holds a session id, a value or a secret.
///
/// Whenever one is thrown, send no cookie: the one that the browser has stays right.
public struct MemcachedSessionError: Error, Sendable {
    /// The kind of failure.
    public let code: Code
    /// What happened and what to do, in words.
    public let detail: String
    /// Whether a write may have taken effect all the same.
    public let outcome: MemcachedError.Outcome
    /// The error underneath, for example of the client.
    public let cause: (any Error)?

    package init(
        _ code: Code,
        _ detail: String,
        outcome: MemcachedError.Outcome = .notSent,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.detail = detail
        self.outcome = outcome
        self.cause = cause
    }
}

extension MemcachedSessionError: Equatable {
    /// Errors are equal when their codes are.
    public static func == (lhs: MemcachedSessionError, rhs: MemcachedSessionError) -> Bool {
        lhs.code == rhs.code
    }
}

extension MemcachedSessionError: CustomStringConvertible {
    /// Code, advice and the client's or codec's error in one line, free of ids, values and secrets.
    public var description: String {
        // Only the client's errors and the codec's are known to hold no value.
        let safe: (any Error)? = cause as? MemcachedError ?? cause as? PHPSessionCodecError
        let cause = safe.map { " [\($0)]" } ?? ""
        return "MemcachedSessionError.\(code) (outcome \(outcome.rawValue)): \(detail)\(cause)"
    }
}
