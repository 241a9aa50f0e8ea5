import MemcachedWire
import NIOCore

/// What the end of an operation says of its server.
enum OperationVerdict: Sendable {
    /// The server answered, whatever it said.
    case answered(isAboutKey: Bool)
    /// The server may be the reason that there was no answer.
    case failed(MemcachedError)
    /// Nothing: its caller had gone, or the server asked to be left alone for a moment.
    case none

    /// What an error says of its server.
    ///
    /// - Parameters:
    ///   - error: What the operation ended with.
    ///   - patience: How long its attempt would have waited.
    ///   - usual: The configured time of operations: a caller in a greater hurry says nothing of the server. An eighth
    ///     less counts as the same, because the deadline is set a little before the attempt begins.
    init(_ error: MemcachedError, patience: TimeAmount, usual: TimeAmount) {
        switch error.code {
        case .timeout where patience.nanoseconds >= usual.nanoseconds / 8 * 7: self = .failed(error)
        // A connection that had ended before anything was sent may have been idle for too long.
        case .connectionLost where error.outcome == .unknown: self = .failed(error)
        case .protocolViolation where error.outcome == .unknown: self = .failed(error)
        default: self = .none
        }
    }

    /// What a response says of its server.
    init(_ status: Status, isAboutKey: Bool) {
        switch status {
        // What stands in front of a dead backend says this as well.
        case .busy, .temporaryFailure, .internalError: self = .none
        default: self = .answered(isAboutKey: isAboutKey)
        }
    }
}
