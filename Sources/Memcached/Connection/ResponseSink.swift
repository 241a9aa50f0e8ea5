import NIOCore
import Synchronization

/// Who waits for a response.
enum ResponseSink: Sendable {
    /// One caller, one response.
    case single(UnsafeContinuation<Result<Response, MemcachedError>, Never>)
    /// One caller, several responses.
    case group(ResponseGroup)
    /// The connection itself, during authentication.
    case handshake
    /// Nobody waits any more, and somebody wants to know all the same, with the position in a sequence.
    case late(Connection.LateHandler)

    /// Tells who waits that there will be no response.
    func fail(_ error: MemcachedError) {
        switch self {
        case .single(let continuation): continuation.resume(returning: .failure(error))
        case .group(let group): group.fail(error)
        case .handshake, .late: break
        }
    }
}

/// What came back for several requests: all of it, or what came before an error.
struct GroupResponses: Sendable {
    /// A response for each position; nil where none came.
    var responses: [Response?]
    /// Why the rest is missing, if it is.
    var error: MemcachedError?
    /// The connection on which they came, to end it when they cannot be trusted.
    var connection: Connection?
}

/// Collects the responses of a quiet batch, a sequence or STAT for one caller.
final class ResponseGroup: Sendable {
    private let responses: Mutex<[Response?]>
    private let continuation: UnsafeContinuation<GroupResponses, Never>

    /// Begins to collect.
    ///
    /// - Parameters:
    ///   - count: The number of positions; 0 for STAT, whose responses are appended.
    ///   - continuation: Who waits for them.
    init(count: Int, continuation: UnsafeContinuation<GroupResponses, Never>) {
        self.responses = Mutex(Array(repeating: nil, count: count))
        self.continuation = continuation
    }

    /// Takes a response in.
    ///
    /// The closing NOOP of a quiet batch has the position behind the last one and is not kept.
    func deliver(_ response: Response, index: Int, last: Bool, isAppended: Bool) {
        let complete = responses.withLock { responses -> [Response?]? in
            if isAppended {
                responses.append(response)
            } else if index < responses.count {
                responses[index] = response
            }
            return last ? responses : nil
        }
        if let complete { continuation.resume(returning: GroupResponses(responses: complete)) }
    }

    func fail(_ error: MemcachedError) {
        let partial = responses.withLock { $0 }
        continuation.resume(returning: GroupResponses(responses: partial, error: error))
    }
}
