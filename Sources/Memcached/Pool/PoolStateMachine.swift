import DequeModule
import NIOCore

/// Decides who gets the connection to one server, when a new one is made, and when not to try.
///
/// No I/O, no clock.
///
/// One attempt at a time. An operation that finds no connection waits for the attempt under way. Whether the server is
/// worth an attempt is ``ServerHealth``'s to say, before anybody comes here.
struct PoolStateMachine<Connection: AnyObject & Sendable, Waiter: Sendable> {
    /// What an operation is to do.
    enum Acquire {
        case use(Connection)
        /// Wait under this number. `connect`: an attempt has to be started.
        case wait(id: UInt64, connect: Bool)
        case fail(MemcachedError)
    }

    /// Waiters and what to tell them.
    enum Release {
        case none
        case resume([Waiter], with: Connection)
        case fail([Waiter], MemcachedError)
    }

    private enum State {
        case idle
        case connecting
        case ready(Connection)
        case shutDown
    }

    private struct Waiting {
        var id: UInt64
        var deadline: NIODeadline
        var waiter: Waiter
    }

    private let maximumWaiters: Int
    private var state = State.idle
    private var waiting: Deque<Waiting> = []
    private var nextID: UInt64 = 1

    init(maximumWaiters: Int) {
        self.maximumWaiters = maximumWaiters
    }

    var readyConnection: Connection? {
        if case .ready(let connection) = state { connection } else { nil }
    }

    var waiterCount: Int { waiting.count }

    var isShutDown: Bool {
        if case .shutDown = state { true } else { false }
    }

    // MARK: Operations

    /// An operation wants a connection.
    ///
    /// - Parameters:
    ///   - full: The connection that had no room for it; it waits until there is.
    ///   - deadline: Until when it would wait.
    ///   - waiter: Who it is; kept only when the answer is ``Acquire/wait(id:connect:)``.
    /// - Returns: A connection, or what to do instead.
    mutating func acquire(full: Connection?, deadline: NIODeadline, waiter: Waiter) -> Acquire {
        switch state {
        case .shutDown:
            return .fail(Self.shutDownError)
        case .ready(let connection) where connection !== full:
            return .use(connection)
        case .ready, .connecting:
            return enqueue(waiter, deadline: deadline, connect: false)
        case .idle:
            let answer = enqueue(waiter, deadline: deadline, connect: true)
            if case .wait = answer { state = .connecting }
            return answer
        }
    }

    /// A waiting operation was cancelled.
    ///
    /// - Returns: Who waited; nil when it had been told already.
    mutating func cancel(id: UInt64) -> Waiter? {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return waiting.remove(at: index).waiter
    }

    /// The timer fired.
    ///
    /// - Returns: Whose deadline has passed, and the next deadline.
    mutating func expire(at now: NIODeadline) -> (expired: [Waiter], next: NIODeadline?) {
        var expired: [Waiter] = []
        var next: NIODeadline?
        waiting.removeAll { entry in
            if entry.deadline <= now {
                expired.append(entry.waiter)
                return true
            }
            next = min(next ?? entry.deadline, entry.deadline)
            return false
        }
        return (expired, next)
    }

    /// The connection has room for `count` operations again.
    mutating func hasRoom(_ connection: Connection, count: Int) -> Release {
        guard case .ready(let current) = state, current === connection else { return .none }
        return resume(upTo: count, with: connection)
    }

    // MARK: Connections

    /// An attempt succeeded.
    ///
    /// - Returns: Who goes on with it. `isWanted` false: nobody wants it any more, close it.
    mutating func connected(_ connection: Connection) -> (release: Release, isWanted: Bool) {
        guard case .connecting = state else { return (.none, false) }
        state = .ready(connection)
        return (resume(upTo: .max, with: connection), true)
    }

    /// An attempt failed.
    ///
    /// - Returns: Who is told.
    mutating func connectFailed(_ error: MemcachedError) -> Release {
        guard case .connecting = state else { return .none }
        state = .idle
        return failAll(error)
    }

    /// A connection has ended.
    ///
    /// - Returns: Who waited for room on it; nil connection states are left alone.
    mutating func connectionClosed(_ connection: Connection, _ error: MemcachedError) -> Release {
        guard case .ready(let current) = state, current === connection else { return .none }
        state = .idle
        return failAll(error.with(outcome: .notSent))
    }

    /// No operation enters any more.
    ///
    /// - Returns: Who waited, and the connection to drain or close.
    mutating func shutDown() -> (release: Release, connection: Connection?) {
        let connection = readyConnection
        state = .shutDown
        return (failAll(Self.shutDownError), connection)
    }

    static var shutDownError: MemcachedError {
        MemcachedError(.clientShutDown, "the client has been shut down; make a new one")
    }

    private mutating func enqueue(_ waiter: Waiter, deadline: NIODeadline, connect: Bool) -> Acquire {
        guard waiting.count < maximumWaiters || (connect && waiting.isEmpty) else {
            return .fail(
                MemcachedError(
                    .overloaded,
                    "\(waiting.count) operations wait for this server already (limits.waitingRequests); slow down"
                )
            )
        }
        let id = nextID
        nextID += 1
        waiting.append(Waiting(id: id, deadline: deadline, waiter: waiter))
        return .wait(id: id, connect: connect)
    }

    private mutating func resume(upTo count: Int, with connection: Connection) -> Release {
        let number = min(count, waiting.count)
        guard number > 0 else { return .none }
        let waiters = waiting.prefix(number).map(\.waiter)
        waiting.removeFirst(number)
        return .resume(waiters, with: connection)
    }

    private mutating func failAll(_ error: MemcachedError) -> Release {
        guard !waiting.isEmpty else { return .none }
        let waiters = waiting.map(\.waiter)
        waiting.removeAll()
        return .fail(waiters, error)
    }
}
