import Foundation
import Synchronization

@testable import MemcachedSessions

/// Time that passes only when a test says so.
final class ManualTime: Sendable {
    private struct Sleeper {
        var deadline: SessionTime.Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        let start: SessionTime.Instant
        var now: SessionTime.Instant
        var sleepers: [UInt64: Sleeper] = [:]
        var cancelled: Set<UInt64> = []
        var nextID: UInt64 = 0
        var hasEnded = false

        init() {
            start = ContinuousClock.now
            now = start
        }
    }

    private let state = Mutex(State())

    /// A day in 2026, and as much later as time has passed.
    var date: Date {
        state.withLock { state in
            Date(timeIntervalSince1970: 1_800_000_000 + state.start.duration(to: state.now) / .seconds(1))
        }
    }

    var now: SessionTime.Instant { state.withLock { $0.now } }

    /// How many tasks sleep.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// When the next sleeper wakes, counted from now.
    var nextWake: Duration? {
        state.withLock { state in state.sleepers.values.map { state.now.duration(to: $0.deadline) }.min() }
    }

    /// This time as the handler takes it, with the jitter that changes nothing.
    var sessionTime: SessionTime {
        SessionTime(
            now: { self.now },
            sleep: { try await self.sleep(until: $0) },
            date: { self.date },
            jitter: { 0.5 }
        )
    }

    /// Lets time pass and wakes whom it wakes.
    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Wakes everybody with an error, and whoever comes to sleep.
    func end() {
        let sleepers = state.withLock { state in
            state.hasEnded = true
            defer { state.sleepers = [:] }
            return state.sleepers.values.map(\.continuation)
        }
        for sleeper in sleepers { sleeper.resume(throwing: CancellationError()) }
    }

    private func sleep(until deadline: SessionTime.Instant) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Fate {
                    case awake
                    case cancelled
                    case asleep
                }
                let fate = state.withLock { state -> Fate in
                    if state.cancelled.remove(id) != nil || state.hasEnded { return .cancelled }
                    if deadline <= state.now { return .awake }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return .asleep
                }
                switch fate {
                case .awake: continuation.resume()
                case .cancelled: continuation.resume(throwing: CancellationError())
                case .asleep: break
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Lets other tasks run until something has become true.
///
/// Gives up after minutes, so that a test fails instead of hanging: with all tests of the package at once it can be long
/// until the one that is waited for gets a thread.
func eventually(_ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(300)
    var turns = 0
    while ContinuousClock.now < end {
        if condition() { return true }
        turns += 1
        if turns < 1_000 {
            await Task.yield()
        } else {
            // Who waits for long leaves the processor to the others.
            try? await Task.sleep(for: .milliseconds(1))
        }
    }
    return condition()
}
