/// What went wrong with an operation, what the server knows of it, and what to do.
///
/// A miss, "already there" and "CAS differs" are values, not errors. ``outcome`` says whether the operation may have
/// taken effect, which is what decides if it may be tried again. No text here holds a value, a key or a secret.
public struct MemcachedError: Error, Sendable {
    /// Whether the server may have carried out what was asked.
    public enum Outcome: String, Hashable, Sendable {
        /// No byte of the request left this process: trying again is safe.
        case notSent
        /// The server answered and did not do it.
        case rejected
        /// The request left and no answer was read: it may or may not have been carried out.
        case unknown
    }

    private final class Storage: Sendable {
        let code: Code
        let detail: String
        let operation: String?
        let server: String?
        let status: UInt16?
        let outcome: Outcome
        let cause: (any Error)?

        init(
            code: Code,
            detail: String,
            operation: String?,
            server: String?,
            status: UInt16?,
            outcome: Outcome,
            cause: (any Error)?
        ) {
            self.code = code
            self.detail = detail
            self.operation = operation
            self.server = server
            self.status = status
            self.outcome = outcome
            self.cause = cause
        }
    }

    /// One reference wide, so that a `Result` of an operation stays small.
    private let storage: Storage

    package init(
        _ code: Code,
        _ detail: String,
        operation: String? = nil,
        server: String? = nil,
        status: UInt16? = nil,
        outcome: Outcome = .notSent,
        cause: (any Error)? = nil
    ) {
        self.storage = Storage(
            code: code,
            detail: detail,
            operation: operation,
            server: server,
            status: status,
            outcome: outcome,
            cause: cause
        )
    }

    /// The kind of failure.
    public var code: Code { storage.code }
    /// What happened and what to do, in words.
    public var detail: String { storage.detail }
    /// The operation by its protocol name ("GET"), if one was under way.
    public var operation: String? { storage.operation }
    /// The server's label (`host:port` or a socket path, never credentials), if one was chosen.
    public var server: String? { storage.server }
    /// The status word of the server's answer, if it answered.
    public var status: UInt16? { storage.status }
    /// Whether the operation may have taken effect.
    public var outcome: Outcome { storage.outcome }
    /// The error underneath, for example of the socket.
    public var cause: (any Error)? { storage.cause }

    /// What is told to those who come after the client's end.
    static var shutDown: MemcachedError {
        MemcachedError(.clientShutDown, "the client has been shut down; make a new one")
    }

    /// The same error told of an operation and a server, where they were not known yet.
    package func with(operation: String? = nil, server: String? = nil, outcome: Outcome? = nil) -> MemcachedError {
        MemcachedError(
            code,
            detail,
            operation: self.operation ?? operation,
            server: self.server ?? server,
            status: status,
            outcome: outcome ?? self.outcome,
            cause: cause
        )
    }
}

extension MemcachedError: Equatable {
    /// Errors are equal when their codes are.
    public static func == (lhs: MemcachedError, rhs: MemcachedError) -> Bool {
        lhs.code == rhs.code
    }
}

extension MemcachedError: CustomStringConvertible {
    /// Code, place and advice in one line, free of keys, values and secrets.
    public var description: String {
        var place: [String] = []
        if let operation { place.append(operation) }
        if let server { place.append("server \(server)") }
        if let status { place.append("status 0x\(String(status, radix: 16))") }
        place.append("outcome \(outcome.rawValue)")
        return "MemcachedError.\(code) (\(place.joined(separator: ", "))): \(detail)"
    }
}
