import NIOConcurrencyHelpers
import NIOCore

/// What has come in on a connection and not been taken yet, with at most one reader that waits for more.
final class ReceivedBytes: Sendable {
    /// Says how many of the bytes at hand to take, nil to wait for more.
    ///
    /// The flag says that no more will come.
    typealias Request = @Sendable (_ bytes: ArraySlice<UInt8>, _ ended: Bool) -> Int?

    private struct Waiter {
        var id: UInt64
        var request: Request
        var continuation: CheckedContinuation<Result<[UInt8], MemcachedTestSupportError>, Never>
    }

    private struct State {
        var queue = ByteQueue()
        var ended = false
        var failed = false
        var reason = "the other side closed the connection"
        var waiter: Waiter?
        var nextID: UInt64 = 0

        /// Takes the waiter out if it can be answered now.
        mutating func satisfyWaiter() -> (Waiter, Result<[UInt8], MemcachedTestSupportError>)? {
            guard let waiter, let result = take(waiter.request) else { return nil }
            self.waiter = nil
            return (waiter, result)
        }

        mutating func take(_ request: Request) -> Result<[UInt8], MemcachedTestSupportError>? {
            if let count = request(queue.bytes, ended) {
                let taken = Array(queue.bytes.prefix(count))
                queue.removeFirst(taken.count)
                return .success(taken)
            }
            guard ended else { return nil }
            let text = "\(reason); \(queue.count) bytes had come that were not enough for what was asked for"
            return .failure(MemcachedTestSupportError(.connectionClosed, text))
        }
    }

    private let state = NIOLockedValueBox(State())

    /// Whether no more bytes will come.
    var ended: Bool {
        state.withLockedValue { $0.ended }
    }

    /// Whether the connection failed instead of being closed.
    var failed: Bool {
        state.withLockedValue { $0.failed }
    }

    /// Adds bytes and answers the reader if they are enough for it.
    func append(_ bytes: some Collection<UInt8>) {
        let answer = state.withLockedValue { state in
            state.queue.append(bytes)
            return state.satisfyWaiter()
        }
        if let (waiter, result) = answer { waiter.continuation.resume(returning: result) }
    }

    /// Notes that no more bytes will come; the first reason stays.
    func end(reason: String, failed: Bool = false) {
        let answer = state.withLockedValue { state in
            if !state.ended { state.reason = reason }
            state.ended = true
            if failed { state.failed = true }
            return state.satisfyWaiter()
        }
        if let (waiter, result) = answer { waiter.continuation.resume(returning: result) }
    }

    /// Takes bytes, waiting until there are enough.
    /// - Parameters:
    ///   - timeout: How long to wait.
    ///   - eventLoop: The loop whose clock ends the wait.
    ///   - request: Which bytes to take.
    /// - Throws: An error of code `timeout`, or `connectionClosed` if no more will come.
    /// - Returns: The bytes taken.
    func take(
        timeout: Duration,
        on eventLoop: any EventLoop,
        _ request: @escaping Request
    ) async throws(MemcachedTestSupportError) -> [UInt8] {
        let id = state.withLockedValue { state in
            state.nextID += 1
            return state.nextID
        }
        let alarm = eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            self.giveUp(
                id,
                MemcachedTestSupportError(.timeout, "Not enough bytes came within \(timeout).")
            )
        }
        let result = await withCheckedContinuation { continuation in
            let waiter = Waiter(id: id, request: request, continuation: continuation)
            let answer = state.withLockedValue { state -> (Waiter, Result<[UInt8], MemcachedTestSupportError>)? in
                guard state.waiter == nil else {
                    let text = "Two tasks read from one raw connection at the same time."
                    return (waiter, .failure(MemcachedTestSupportError(.unexpectedAnswer, text)))
                }
                state.waiter = waiter
                return state.satisfyWaiter()
            }
            if let (waiter, result) = answer { waiter.continuation.resume(returning: result) }
        }
        alarm.cancel()
        return try result.get()
    }

    private func giveUp(_ id: UInt64, _ error: MemcachedTestSupportError) {
        let waiter: Waiter? = state.withLockedValue { state in
            guard state.waiter?.id == id else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.continuation.resume(returning: .failure(error))
    }
}
