import Memcached
import NIOCore

extension SoakWorker {
    /// How an operation may end before it is answered.
    private enum Patience {
        /// With its own timeout; nil is the configured one.
        case timeout(Duration?)
        /// With a deadline around it.
        case deadline(Duration)
        /// With its task, after this time.
        case cancelled(after: Duration)
    }

    private mutating func drawPatience() -> Patience {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<4: .timeout(.microseconds(Int64.random(in: 0...8_000, using: &generator)))
        case 4..<6: .deadline(.microseconds(Int64.random(in: 0...8_000, using: &generator)))
        case 6..<11: .cancelled(after: .microseconds(Int64.random(in: 0...4_000, using: &generator)))
        default: .timeout(nil)
        }
    }

    /// Carries out one operation with a random patience and writes down how it ended, and when.
    ///
    /// - Parameters:
    ///   - name: What to call it.
    ///   - keys: How many keys it is about.
    ///   - windows: How many timeouts it may take: one for each window of a sequence.
    ///   - body: The operation; it is given a timeout.
    /// - Returns: How it ended.
    mutating func attempt<Value: Sendable>(
        _ name: String,
        keys: Int = 1,
        windows: Int = 1,
        _ body: @escaping @Sendable (Duration?) async throws(MemcachedError) -> Value
    ) async -> Result<Value, MemcachedError> {
        let patience = drawPatience()
        let began = ContinuousClock.now
        let allowed: Duration =
            switch patience {
            case .timeout(let timeout): (timeout ?? client.configuration.timeouts.operation) * windows
            case .deadline(let duration): duration
            case .cancelled(let delay): delay + client.configuration.timeouts.operation * windows
            }
        let ticket = ledger.begin(name, due: began + allowed + slack)
        let result: Result<Value, MemcachedError>
        var late: Duration
        switch patience {
        case .timeout(let timeout):
            result = await Self.capture(timeout, body)
            late = ContinuousClock.now - (began + allowed)
        case .deadline(let duration):
            result = await withMemcachedDeadline(in: duration) { await Self.capture(nil, body) }
            late = ContinuousClock.now - (began + allowed)
        case .cancelled(let delay):
            let task = Task { await Self.capture(nil, body) }
            try? await Task.sleep(for: delay)
            let cancelled = ContinuousClock.now
            task.cancel()
            result = await task.value
            late = ContinuousClock.now - cancelled
        }
        late = max(late, .zero)
        if case .failure(let error) = result {
            ledger.note(error, of: name)
            wasRefused = error.outcome == .notSent
        }
        ledger.end(ticket, keys: keys, isAnswered: (try? result.get()) != nil, late: late, slack: slack)
        return result
    }

    private static func capture<Value>(
        _ timeout: Duration?,
        _ body: (Duration?) async throws(MemcachedError) -> Value
    ) async -> Result<Value, MemcachedError> {
        do throws(MemcachedError) {
            return .success(try await body(timeout))
        } catch {
            return .failure(error)
        }
    }
}
