import NIOCore
import Synchronization

/// Lets concurrent callers of one key share one piece of work.
///
/// The first caller starts the work, the others wait for it, and all get its value or its error. A caller that is
/// cancelled, or whose deadline passes, stops waiting; the work is cancelled when nobody waits any more.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = UnsafeContinuation<Result<Value, any Error>, Never>

    private struct Flight {
        var id: UInt64
        var waiters: [UInt64: Waiter] = [:]
        var task: Task<Void, Never>?
    }

    private struct State {
        var flights: [Key: Flight] = [:]
        var nextID: UInt64 = 1

        mutating func makeID() -> UInt64 {
            defer { nextID += 1 }
            return nextID
        }
    }

    private let state = Mutex(State())

    /// The value of the work under way for a key, or of the work started now.
    ///
    /// - Parameters:
    ///   - key: What is wanted.
    ///   - deadline: Until when this caller waits; nil for as long as it takes.
    ///   - work: Makes the value, in a task of its own.
    /// - Returns: The value.
    /// - Throws: What `work` throws; `CancellationError`; ``MemcachedError/Code/timeout`` at the deadline.
    func value(
        for key: Key,
        by deadline: NIODeadline? = nil,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let ticket = state.withLock { $0.makeID() }
        var clock: Task<Void, any Error>?
        defer { clock?.cancel() }
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: Waiter) in
                join(key, ticket, waiter, work)
                if Task.isCancelled { leave(key, ticket, CancellationError()) }
                clock = deadline.map { watch($0, key, ticket) }
            }
        } onCancel: {
            leave(key, ticket, CancellationError())
        }
        return try result.get()
    }

    private func join(
        _ key: Key,
        _ ticket: UInt64,
        _ waiter: Waiter,
        _ work: @escaping @Sendable () async throws -> Value
    ) {
        let started = state.withLock { state -> UInt64? in
            if state.flights[key] != nil {
                state.flights[key]?.waiters[ticket] = waiter
                return nil
            }
            let id = state.makeID()
            state.flights[key] = Flight(id: id, waiters: [ticket: waiter])
            return id
        }
        guard let id = started else { return }
        // Ends with the work, which is cancelled when the last waiter leaves. The first caller's deadline is its own, and
        // not one for those who join.
        let task = MemcachedDeadline.$current.withValue(nil) {
            Task {
                let result: Result<Value, any Error>
                do {
                    result = .success(try await work())
                } catch {
                    result = .failure(error)
                }
                finish(key, id, result)
            }
        }
        let isWanted = state.withLock { state in
            guard state.flights[key]?.id == id else { return false }
            state.flights[key]?.task = task
            return true
        }
        if !isWanted { task.cancel() }
    }

    /// Has a caller leave at its deadline, unless it is cancelled before.
    private func watch(_ deadline: NIODeadline, _ key: Key, _ ticket: UInt64) -> Task<Void, any Error> {
        Task {
            let left = deadline - .now()
            if left > .zero { try await Task.sleep(for: .nanoseconds(left.nanoseconds)) }
            let detail = "the deadline passed while the value was being read or loaded"
            leave(key, ticket, MemcachedError(.timeout, detail, outcome: .unknown))
        }
    }

    private func leave(_ key: Key, _ ticket: UInt64, _ reason: any Error) {
        let (waiter, task) = state.withLock { state -> (Waiter?, Task<Void, Never>?) in
            guard let waiter = state.flights[key]?.waiters.removeValue(forKey: ticket) else { return (nil, nil) }
            guard state.flights[key]?.waiters.isEmpty == true else { return (waiter, nil) }
            return (waiter, state.flights.removeValue(forKey: key)?.task)
        }
        task?.cancel()
        waiter?.resume(returning: .failure(reason))
    }

    private func finish(_ key: Key, _ id: UInt64, _ result: Result<Value, any Error>) {
        let flight = state.withLock { state -> Flight? in
            guard state.flights[key]?.id == id else { return nil }
            return state.flights.removeValue(forKey: key)
        }
        for waiter in flight?.waiters.values.map(\.self) ?? [] { waiter.resume(returning: result) }
    }
}
