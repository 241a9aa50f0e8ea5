import Memcached
import MemcachedTestSupport
import NIOCore
import Synchronization
import Testing

/// 64 tasks that write and read keys of their own while something happens to the server.
///
/// Each knows what may be under its key: the newest value that was confirmed, or one whose outcome is not known.
/// Nothing at all may be there once the server may have been restarted, or have evicted it.
struct FaultLoad: Sendable {
    /// What became of the operations.
    struct Tally: Sendable {
        var answered = 0
        var failures: [MemcachedError.Code: Int] = [:]
        /// What may not be: another's value, an old one, an error that nobody expects.
        var wrong: [String] = []
        /// The longest time that an operation took, deadline and all.
        var longest = Duration.zero

        mutating func add(_ other: Tally) {
            answered += other.answered
            failures.merge(other.failures, uniquingKeysWith: +)
            wrong += other.wrong
            longest = max(longest, other.longest)
        }
    }

    /// How much longer than its deadline an operation may take on a machine that has other things to do.
    static let slack = Duration.seconds(20)
    static let tasks = 64

    /// What a server that fails, or that comes back, may answer with.
    private static let expected: Set<MemcachedError.Code> = [
        .timeout, .connectionLost, .connectionFailed, .serverDown, .tooManyConnections, .outOfMemory,
    ]

    let client: MemcachedClient
    let timeout: Duration
    /// Whether values may be gone.
    let forgets: Bool
    let valueLength: Int
    private let state: State

    private final class State: Sendable {
        let isOver = Atomic<Bool>(false)
        /// When a task last had an answer, by its number.
        let answers = Mutex<[Int: ContinuousClock.Instant]>([:])
        /// When an operation last failed, by how it did.
        let failures = Mutex<[MemcachedError.Code: ContinuousClock.Instant]>([:])
    }

    /// Runs the load while `body` does something to the server.
    ///
    /// - Parameters:
    ///   - client: Whose server it is.
    ///   - timeout: Of each operation.
    ///   - forgets: Whether values may be gone.
    ///   - valueLength: The length of the values.
    ///   - body: What happens.
    /// - Returns: What became of the operations.
    /// - Throws: What `body` throws.
    static func run(
        _ client: MemcachedClient,
        timeout: Duration = .seconds(1),
        forgets: Bool = false,
        valueLength: Int = 100,
        _ body: (FaultLoad) async throws -> Void
    ) async throws -> Tally {
        let load = FaultLoad(
            client: client,
            timeout: timeout,
            forgets: forgets,
            valueLength: valueLength,
            state: State()
        )
        let tally = try await withThrowingTaskGroup(of: Tally.self) { group in
            for number in 0..<tasks { group.addTask { await load.work(number) } }
            do {
                try await body(load)
            } catch {
                load.state.isOver.store(true, ordering: .relaxed)
                throw error
            }
            load.state.isOver.store(true, ordering: .relaxed)
            return try await group.reduce(into: Tally()) { $0.add($1) }
        }
        #expect(tally.wrong.isEmpty)
        #expect(tally.longest < timeout + slack)
        #expect(tally.answered > 0)
        return tally
    }

    /// Waits until every task has had an answer that came after this call.
    ///
    /// - Returns: How long that took for the first one and for the last one; nil when it did not come true.
    func recovery(within limit: Duration = .seconds(60)) async throws -> (first: Duration, all: Duration)? {
        let began = ContinuousClock.now
        while ContinuousClock.now - began < limit {
            let times = state.answers.withLock { answers in answers.values.filter { $0 > began }.map { $0 - began } }
            if times.count == Self.tasks, let first = times.min() { return (first, ContinuousClock.now - began) }
            try await Task.sleep(for: .milliseconds(5))
        }
        return nil
    }

    /// Waits until an operation has failed after this call.
    ///
    /// - Parameter code: How; nil for any way.
    /// - Throws: ``NeverHappened``.
    func failure(_ code: MemcachedError.Code? = nil) async throws {
        let began = ContinuousClock.now
        try await eventually("an operation fails: \(code.map { "\($0)" } ?? "in any way")") {
            state.failures.withLock { failures in
                failures.contains { ($0.key == code || code == nil) && $0.value > began }
            }
        }
    }

    private func work(_ number: Int) async -> Tally {
        let key = MemcachedKey("faults:\(number)")
        var tally = Tally()
        /// The newest that was confirmed; nil is nothing.
        var confirmed: String?
        /// Those of which nobody knows whether, and when, the server has stored them.
        var unsure: Set<String> = []
        var mayBeGone = forgets
        var sequence = 0
        while !state.isOver.load(ordering: .relaxed) {
            let began = ContinuousClock.now
            sequence += 1
            do throws(MemcachedError) {
                if sequence % 3 == 1 {
                    let value = "\(key) #\(sequence) " + String(repeating: "x", count: valueLength)
                    do throws(MemcachedError) {
                        try await client.set(key, to: value, timeout: timeout)
                        confirmed = value
                    } catch {
                        if error.outcome == .unknown { unsure.insert(value) }
                        // A server without memory for a value drops the one that was there.
                        if error.outcome == .rejected { mayBeGone = true }
                        throw error
                    }
                } else {
                    let value = try await client.get(key, as: String.self, timeout: timeout)
                    let isPossible = value == confirmed || (value.map(unsure.contains) ?? mayBeGone)
                    if !isPossible { tally.wrong.append("\(key): \(value ?? "nothing")") }
                }
                tally.answered += 1
                state.answers.withLock { $0[number] = .now }
            } catch {
                tally.failures[error.code, default: 0] += 1
                state.failures.withLock { $0[error.code] = .now }
                if !Self.expected.contains(error.code) { tally.wrong.append("\(error)") }
                // Who fails at once would do nothing else, and leave no time to other tests.
                try? await Task.sleep(for: .milliseconds(10))
            }
            tally.longest = max(tally.longest, ContinuousClock.now - began)
        }
        return tally
    }
}
