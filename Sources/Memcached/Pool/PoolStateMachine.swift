import NIOCore

/// What a pool has to know of a connection to choose among several.
protocol PooledConnection: AnyObject, Sendable {
    /// Requests without an answer.
    var load: Int { get }
    /// Whether a request has run out of time on it and nothing has come since.
    var isSuspect: Bool { get }
}

/// Decides which of the connections to one server an operation gets, and when another one is made.
///
/// No I/O, no clock. One attempt at a time. An operation gets the least loaded connection that has room and is not
/// suspect; if there is none it waits, and one more is made as long as fewer than the allowed number are well. Whether
/// the server is worth an attempt is ``ServerHealth``'s to say, before anybody comes here.
struct PoolStateMachine<Connection: PooledConnection, Waiter: Sendable> {
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

    private struct Slot {
        var connection: Connection
        /// It had no room, and has not said that it has again.
        var isFull = false
        /// The next connection takes its place.
        var isRetiring = false
    }

    private let maximumWaiters: Int
    private let maximumConnections: Int
    private let busyMark: Int
    private var growthPauses: RetryPauses
    private var slots: [Slot] = []
    /// Those that nobody gets any more, until they have ended.
    private(set) var draining: [Connection] = []
    private var waiting = WaiterQueue<Waiter>()
    private(set) var isConnecting = false
    private(set) var isShutDown = false
    /// The connections that there are suffice until then: the last attempt to make another one failed.
    private var growsAgainAt = NIODeadline.uptimeNanoseconds(0)
    private var growthError: MemcachedError?

    /// - Parameters:
    ///   - maximumWaiters: How many operations may wait.
    ///   - maximumConnections: How many connections there may be; those that are suspect are replaced beyond that.
    ///   - busyMark: With so many requests in flight on each, another connection is made.
    ///   - growthPauses: For how long no other connection is tried after one could not be made.
    init(
        maximumWaiters: Int,
        maximumConnections: Int = 1,
        busyMark: Int = 64,
        growthPauses: RetryPauses = RetryPauses(every: .seconds(1), refusals: .init())
    ) {
        self.maximumWaiters = maximumWaiters
        self.maximumConnections = max(1, maximumConnections)
        self.busyMark = max(1, busyMark)
        self.growthPauses = growthPauses
    }

    /// Whether connections wait for their successors.
    var isRetiring: Bool { slots.contains(where: \.isRetiring) }
    var connections: [Connection] { slots.map(\.connection) }
    var waiterCount: Int { waiting.count }
    /// Whether there is a connection that answers, as far as is known.
    var isServed: Bool { slots.contains { !$0.connection.isSuspect } }

    // MARK: Operations

    /// The connection to use, without waiting; nil when there is none.
    ///
    /// `isBusy`: it would be good to have another one, see ``grow(now:)``.
    var ready: (connection: Connection?, isBusy: Bool) {
        if slots.count == 1, maximumConnections == 1 {
            let slot = slots[0]
            return (slot.isFull || slot.connection.isSuspect ? nil : slot.connection, false)
        }
        var best: Connection?
        var least = Int.max
        var well = 0
        for slot in slots where !slot.connection.isSuspect {
            well += 1
            guard !slot.isFull else { continue }
            let load = slot.connection.load
            guard load < least else { continue }
            least = load
            best = slot.connection
        }
        return (best, best != nil && least >= busyMark && well < maximumConnections && !isConnecting)
    }

    /// The connections are busy: whether an attempt to make another one has to be started.
    mutating func grow(now: NIODeadline) -> Bool {
        guard ready.isBusy, hasSpace, now >= growsAgainAt else { return false }
        return startAttempt()
    }

    /// An operation wants a connection.
    ///
    /// - Parameters:
    ///   - full: The connection that had no room for it; it waits until one has.
    ///   - wantsAnother: Whether it wants as many connections as there may be.
    ///   - now: The time.
    ///   - deadline: Until when it would wait.
    ///   - waiter: Who it is; kept only when the answer is ``Acquire/wait(id:connect:)``.
    /// - Returns: A connection, or what to do instead.
    mutating func acquire(
        full: Connection?,
        wantsAnother: Bool = false,
        now: NIODeadline,
        deadline: NIODeadline,
        waiter: Waiter
    ) -> Acquire {
        guard !isShutDown else { return .fail(.shutDown) }
        if let full, let index = slots.firstIndex(where: { $0.connection === full }) { slots[index].isFull = true }
        let mayGrow = now >= growsAgainAt || !isServed
        if wantsAnother, hasSpace {
            if !isConnecting, !mayGrow, let growthError { return .fail(growthError) }
        } else if let connection = ready.connection {
            return .use(connection)
        }
        guard waiting.count < maximumWaiters || (waiting.isEmpty && !isConnecting && hasSpace) else {
            return .fail(overload)
        }
        let id = waiting.append(waiter, deadline: deadline, wantsAnother: wantsAnother)
        return .wait(id: id, connect: mayGrow && hasSpace && startAttempt())
    }

    /// A waiting operation was cancelled.
    ///
    /// - Returns: Who waited; nil when it had been told already.
    mutating func cancel(id: UInt64) -> Waiter? {
        waiting.remove(id: id)
    }

    /// The timer fired.
    ///
    /// - Returns: Whose deadline has passed, and the next deadline.
    mutating func expire(at now: NIODeadline) -> (expired: [Waiter], next: NIODeadline?) {
        waiting.expire(at: now)
    }

    /// The connection has room for `count` operations again, or is heard of again.
    mutating func hasRoom(_ connection: Connection, count: Int) -> Release {
        guard let index = slots.firstIndex(where: { $0.connection === connection }) else { return .none }
        slots[index].isFull = false
        guard !connection.isSuspect else { return .none }
        return resume(upTo: count, with: connection)
    }

    // MARK: Connections

    /// An attempt succeeded.
    ///
    /// - Returns: Who goes on with it; a connection whose place it takes, to be drained; whether another attempt has to
    ///   be started. `isWanted` false: nobody wants it any more, close it.
    mutating func connected(
        _ connection: Connection
    ) -> (release: Release, retired: Connection?, connect: Bool, isWanted: Bool) {
        guard isConnecting else { return (.none, nil, false, false) }
        isConnecting = false
        growthError = nil
        growthPauses.reset()
        let retired = slots.firstIndex(where: \.isRetiring).map { slots.remove(at: $0).connection }
        if let retired { draining.append(retired) }
        slots.append(Slot(connection: connection))
        let connect = isRetiring && startAttempt()
        return (resume(upTo: .max, with: connection), retired, connect, true)
    }

    /// An attempt failed.
    ///
    /// - Parameters:
    ///   - error: Why.
    ///   - now: The time.
    ///   - jitter: 0…1: how much of the random part of the pause before the next one is left out.
    /// - Returns: Who is told: all who wait, unless there is a connection that they may still get room on.
    mutating func connectFailed(_ error: MemcachedError, now: NIODeadline, jitter: Double = 0) -> Release {
        guard isConnecting else { return .none }
        isConnecting = false
        guard isServed else { return Self.fail(waiting.removeAll(), error) }
        growsAgainAt = now + growthPauses.next(after: error, jitter: jitter)
        growthError = error
        return Self.fail(waiting.removeThoseWhoWantAnother(), error)
    }

    /// A connection has ended; who waits, waits for the next one.
    ///
    /// - Returns: Whether it was one of these, and whether an attempt has to be started.
    mutating func connectionClosed(_ connection: Connection) -> (wasOurs: Bool, connect: Bool) {
        guard let index = slots.firstIndex(where: { $0.connection === connection }) else {
            draining.removeAll { $0 === connection }
            return (false, false)
        }
        slots.remove(at: index)
        return (true, !waiting.isEmpty && !isServed && startAttempt())
    }

    /// The connections are to be replaced, one after the other, and go when their successors are there.
    ///
    /// - Parameters:
    ///   - isDue: Which of them.
    ///   - now: The time.
    /// - Returns: Whether an attempt has to be started.
    mutating func retire(where isDue: (Connection) -> Bool, now: NIODeadline) -> Bool {
        for index in slots.indices where isDue(slots[index].connection) { slots[index].isRetiring = true }
        guard now >= growsAgainAt else { return false }
        return isRetiring && startAttempt()
    }

    /// There are other credentials: what was tried with the old ones may be tried at once.
    mutating func credentialsChanged() {
        growsAgainAt = .uptimeNanoseconds(0)
        growthPauses.reset()
    }

    /// Takes a connection out that nobody uses.
    ///
    /// - Returns: Whether it was one of these; it is to be drained then.
    mutating func release(_ connection: Connection) -> Bool {
        guard let index = slots.firstIndex(where: { $0.connection === connection }) else { return false }
        slots.remove(at: index)
        draining.append(connection)
        return true
    }

    /// No operation enters any more.
    ///
    /// - Returns: Who waited, and the connections to drain or close.
    mutating func shutDown() -> (release: Release, connections: [Connection]) {
        let connections = connections + draining
        slots = []
        draining = []
        isShutDown = true
        isConnecting = false
        return (Self.fail(waiting.removeAll(), .shutDown), connections)
    }

    // MARK: Details

    /// Whether there may be one more; the suspect ones are not counted, up to as many again.
    var hasSpace: Bool {
        slots.count < 2 * maximumConnections
            && slots.count(where: { !$0.connection.isSuspect }) < maximumConnections
    }

    /// Notes that an attempt is under way, unless one is.
    private mutating func startAttempt() -> Bool {
        guard !isConnecting, !isShutDown else { return false }
        isConnecting = true
        return true
    }

    private var overload: MemcachedError {
        MemcachedError(
            .overloaded,
            "\(waiting.count) operations wait for this server already (limits.waitingRequests); slow down"
        )
    }

    private mutating func resume(upTo count: Int, with connection: Connection) -> Release {
        let waiters = waiting.removeFirst(count)
        return waiters.isEmpty ? .none : .resume(waiters, with: connection)
    }

    private static func fail(_ waiters: [Waiter], _ error: MemcachedError) -> Release {
        waiters.isEmpty ? .none : .fail(waiters, error)
    }
}
