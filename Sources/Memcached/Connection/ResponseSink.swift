import NIOCore
import Synchronization

/// Who waits for a response.
enum ResponseSink: Sendable {
    /// A caller, who waits for one of these or hears that the connection is full.
    typealias Continuation<Value: Sendable> = UnsafeContinuation<Connection.Outcome<Value>, Never>

    /// One caller, one response.
    case single(Continuation<Result<Response, MemcachedError>>, SuspendedTask)
    /// One caller, several responses.
    case group(ResponseGroup)
    /// The connection itself, during authentication.
    case handshake
    /// Nobody waits any more, and somebody wants to know all the same, with the position in a sequence.
    case late(LateSink)

    /// Whether the task of who waits has been cancelled.
    ///
    /// To be asked only while nobody can have resumed it.
    var isCancelled: Bool {
        switch self {
        case .single(_, let task): task.isCancelled
        case .group(let group): group.task.isCancelled
        case .handshake, .late: false
        }
    }

    /// Tells who waits that there will be no response.
    func fail(_ error: MemcachedError) {
        switch self {
        case .single(let continuation, _): continuation.resume(returning: .finished(.failure(error)))
        case .group(let group): group.fail(error)
        case .handshake, .late: break
        }
    }

    /// Tells who would have waited that there is no room.
    func refuse() {
        switch self {
        case .single(let continuation, _): continuation.resume(returning: .full)
        case .group(let group): group.refuse()
        case .handshake, .late: break
        }
    }
}

/// Who wants to know of responses that come when their caller has gone; an object, so that sinks stay small.
final class LateSink: Sendable {
    let handler: Connection.LateHandler

    init(_ handler: @escaping Connection.LateHandler) { self.handler = handler }
}

/// What came back for several requests: all of it, or what came before an error.
struct GroupResponses: Sendable {
    /// A response for each position; nil where none came.
    var responses: [Response?] = []
    /// What came, as it came, for who asked for it that way; there is nothing in ``responses`` then.
    var runs: [ResponseRun] = []
    /// Why the rest is missing, if it is.
    var error: MemcachedError?
    /// The connection on which they came, to end it when they cannot be trusted.
    var connection: Connection?
}

/// Collects the responses of a quiet batch, a sequence or STAT for one caller.
final class ResponseGroup: Sendable {
    private struct Collected {
        /// How many positions there are; 0 for STAT.
        let count: Int
        /// What has come, up to the last position that was answered.
        var responses: [Response?] = []
        var runs: [ResponseRun] = []

        /// A response came, behind those before it; positions that were passed over stay empty.
        mutating func take(_ response: Response, at index: Int) {
            guard index < count else { return }
            fill(to: index)
            if index == responses.count { responses.append(response) } else { responses[index] = response }
        }

        mutating func fill(to end: Int) {
            while responses.count < end { responses.append(nil) }
        }
    }

    private let collected: Mutex<Collected>
    private let arrival: Flight.Arrival?
    private let continuation: ResponseSink.Continuation<GroupResponses>
    let task: SuspendedTask
    /// Whether responses are kept as they come.
    let keepsRuns: Bool

    /// Begins to collect.
    ///
    /// - Parameters:
    ///   - count: The number of positions; 0 for STAT, whose responses are appended.
    ///   - keepsRuns: Whether responses are kept as they come.
    ///   - arrival: Told of each response as it comes, before who waits for all of them.
    ///   - continuation: Who waits for them.
    ///   - task: Whose continuation that is.
    init(
        count: Int,
        keepsRuns: Bool = false,
        _ arrival: Flight.Arrival? = nil,
        _ continuation: ResponseSink.Continuation<GroupResponses>,
        _ task: SuspendedTask
    ) {
        self.task = task
        self.keepsRuns = keepsRuns
        self.arrival = arrival
        var collected = Collected(count: count)
        if !keepsRuns { collected.responses.reserveCapacity(count) }
        self.collected = Mutex(collected)
        self.continuation = continuation
    }

    /// Takes responses in that came together.
    ///
    /// The closing NOOP of a quiet batch has the position behind the last one and is not kept.
    ///
    /// - Parameters:
    ///   - run: The responses.
    ///   - last: Whether nothing comes behind them.
    ///   - isAppended: Whether they have no positions, as those of STAT.
    func deliver(_ run: some Sequence<(index: Int, response: Response)>, last: Bool, isAppended: Bool) {
        if let arrival {
            for (index, response) in run { arrival(index, response) }
        }
        let complete = collected.withLock { collected -> [Response?]? in
            for (index, response) in run {
                if isAppended {
                    collected.responses.append(response)
                } else {
                    collected.take(response, at: index)
                }
            }
            guard last else { return nil }
            collected.fill(to: collected.count)
            // Nothing comes behind the last one: the array leaves without being copied.
            var complete: [Response?] = []
            swap(&complete, &collected.responses)
            return complete
        }
        if let complete { continuation.resume(returning: .finished(GroupResponses(responses: complete))) }
    }

    /// Takes responses in that came together and are kept as they came.
    ///
    /// - Parameters:
    ///   - run: The responses.
    ///   - last: Whether nothing comes behind them.
    func deliver(_ run: ResponseRun, last: Bool) {
        let complete = collected.withLock { collected -> [ResponseRun]? in
            collected.runs.append(run)
            return last ? collected.runs : nil
        }
        if let complete { continuation.resume(returning: .finished(GroupResponses(runs: complete))) }
    }

    func fail(_ error: MemcachedError) {
        let partial = collected.withLock { collected in
            if !keepsRuns { collected.fill(to: collected.count) }
            return GroupResponses(responses: collected.responses, runs: collected.runs, error: error)
        }
        continuation.resume(returning: .finished(partial))
    }

    /// The connection is full.
    func refuse() { continuation.resume(returning: .full) }
}
