import NIOConcurrencyHelpers

/// A clock that stands still until a test advances it, and wakes who sleeps on it at exactly the right time.
///
/// ```swift
/// let clock = ManualClock()
/// let task = Task { try await clock.sleep(for: .seconds(60)) }
/// await clock.waitForSleepers()          // the task has gone to sleep
/// clock.advance(by: .seconds(60))        // and is awake again, without a minute having passed
/// try await task.value
/// ```
public final class ManualClock: Clock, Sendable {
    /// A point on the clock: the time since the clock was made.
    public struct Instant: InstantProtocol, Hashable, Sendable {
        /// The time since the clock was made.
        public var offset: Duration

        /// Makes a point on the clock.
        /// - Parameter offset: The time since the clock was made.
        public init(offset: Duration) {
            self.offset = offset
        }

        /// A later point, or an earlier one for a negative duration.
        /// - Parameter duration: How much later.
        /// - Returns: The point.
        public func advanced(by duration: Duration) -> Instant {
            Instant(offset: offset + duration)
        }

        /// The time from this point to another one.
        /// - Parameter other: The other point.
        /// - Returns: The time, negative if the other point is earlier.
        public func duration(to other: Instant) -> Duration {
            other.offset - offset
        }

        /// Whether a point is earlier than another one.
        /// - Parameters:
        ///   - lhs: A point.
        ///   - rhs: Another point.
        /// - Returns: Whether the first one is earlier.
        public static func < (lhs: Instant, rhs: Instant) -> Bool {
            lhs.offset < rhs.offset
        }
    }

    private struct Sleeper {
        var id: UInt64
        var deadline: Instant
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct Watcher {
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextID: UInt64 = 0
        /// Those that have been cancelled before they had gone to sleep.
        var cancelled: Set<UInt64> = []
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []

        /// Takes out those that wait for as many sleepers as there are now.
        mutating func takeWatchers() -> [Watcher] {
            let satisfied = watchers.filter { $0.count <= sleepers.count }
            watchers.removeAll { $0.count <= sleepers.count }
            return satisfied
        }
    }

    private let state = NIOLockedValueBox(State())

    /// Makes a clock that shows zero.
    public init() {}

    /// What the clock shows.
    public var now: Instant {
        state.withLockedValue { $0.now }
    }

    /// The smallest step of the clock; it has none.
    public var minimumResolution: Duration { .zero }

    /// How many tasks sleep on the clock.
    public var sleeperCount: Int {
        state.withLockedValue { $0.sleepers.count }
    }

    /// Sleeps until the clock has been advanced to a point.
    /// - Parameters:
    ///   - deadline: The point.
    ///   - tolerance: Has no meaning here: waking is exact.
    /// - Throws: `CancellationError` if the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        try Task.checkCancellation()
        let id = state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
        let slept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let sleeper = Sleeper(id: id, deadline: deadline, continuation: continuation)
                let (result, watchers) = state.withLockedValue { state -> (Bool?, [Watcher]) in
                    if state.cancelled.remove(id) != nil { return (false, []) }
                    if deadline <= state.now { return (true, []) }
                    state.sleepers.append(sleeper)
                    return (nil, state.takeWatchers())
                }
                if let result { continuation.resume(returning: result) }
                for watcher in watchers { watcher.continuation.resume() }
            }
        } onCancel: {
            cancel(id)
        }
        // The task may have been cancelled in the moment in which the clock woke it.
        state.withLockedValue { _ = $0.cancelled.remove(id) }
        if !slept { throw CancellationError() }
    }

    /// Advances the clock and wakes those whose time has come, in the order of their deadlines.
    /// - Parameter duration: How far; a negative one does nothing.
    public func advance(by duration: Duration) {
        let due = state.withLockedValue { state in
            if duration > .zero { state.now = state.now.advanced(by: duration) }
            let due = state.sleepers.filter { $0.deadline <= state.now }
            state.sleepers.removeAll { $0.deadline <= state.now }
            return due
        }
        for sleeper in due.sorted(by: { ($0.deadline, $0.id) < ($1.deadline, $1.id) }) {
            sleeper.continuation.resume(returning: true)
        }
    }

    /// Waits until tasks sleep on the clock, so that advancing it finds them.
    ///
    /// It cannot be cancelled and ends only when enough tasks sleep at the same time.
    /// - Parameter count: How many tasks at least.
    public func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isSatisfied = state.withLockedValue { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append(Watcher(count: count, continuation: continuation))
                return false
            }
            if isSatisfied { continuation.resume() }
        }
    }

    private func cancel(_ id: UInt64) {
        let sleeper: Sleeper? = state.withLockedValue { state in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(returning: false)
    }
}
