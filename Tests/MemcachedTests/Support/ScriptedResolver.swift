import Memcached
import Synchronization

/// Answers lookups as a test says, at once or when it says so.
final class ScriptedResolver: AddressResolver {
    private struct State {
        var answer: Result<[String], any Error>?
        var pending: [@Sendable (Result<[String], any Error>) -> Void] = []
        var hosts: [String] = []
    }

    private let state: Mutex<State>

    init(_ addresses: [String]? = nil) {
        state = Mutex(State(answer: addresses.map { .success($0) }))
    }

    /// The names that were looked up.
    var hosts: [String] { state.withLock { $0.hosts } }

    func addresses(of host: String, completion: @escaping @Sendable (Result<[String], any Error>) -> Void) {
        let answer = state.withLock { state in
            state.hosts.append(host)
            if state.answer == nil { state.pending.append(completion) }
            return state.answer
        }
        if let answer { completion(answer) }
    }

    /// Answers this and what is being looked up; nil lets lookups wait from now on.
    func answer(_ answer: Result<[String], any Error>?) {
        let pending = state.withLock { state in
            state.answer = answer
            guard answer != nil else { return [@Sendable (Result<[String], any Error>) -> Void]() }
            defer { state.pending = [] }
            return state.pending
        }
        if let answer { for completion in pending { completion(answer) } }
    }
}
