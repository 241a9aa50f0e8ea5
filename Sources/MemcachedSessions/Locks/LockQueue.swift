/// Who of one process may ask the server for a session's lock: one at a time, in the order in which they came.
///
/// Plain data without I/O: time is an argument, and whom to tell is returned.
struct LockQueue<Waiter> {
    /// What a newcomer is to do.
    enum Entry: Equatable {
        /// It is its turn; it has to ``LockQueue/leave(_:)`` afterwards.
        case go
        case wait
        /// Too many wait already.
        case full
    }

    private struct Waiting {
        var ticket: UInt64
        var deadline: SessionTime.Instant
        var waiter: Waiter
    }

    private let maximumWaiters: Int
    /// Those who wait for each session that somebody of this process is busy with.
    private var lines: [SessionID: [Waiting]] = [:]

    init(maximumWaiters: Int) {
        self.maximumWaiters = maximumWaiters
    }

    /// Whether nobody is busy or waits.
    var isEmpty: Bool { lines.isEmpty }

    /// How many wait for a session.
    func waiterCount(of id: SessionID?) -> Int { id.flatMap { lines[$0]?.count } ?? 0 }

    /// Somebody wants a session, and would rather not wait.
    ///
    /// - Parameter id: The session.
    /// - Returns: Whether it is its turn; if not, nothing has changed.
    mutating func enterAtOnce(_ id: SessionID) -> Bool {
        guard lines[id] == nil else { return false }
        lines[id] = []
        return true
    }

    /// Somebody wants a session.
    ///
    /// - Parameters:
    ///   - id: The session.
    ///   - ticket: A number for ``cancel(_:ticket:)``.
    ///   - deadline: Until when it would wait.
    ///   - waiter: Who it is; kept only when the answer is ``Entry/wait``.
    /// - Returns: Whether it is its turn, or it has to wait, or cannot.
    mutating func enter(_ id: SessionID, ticket: UInt64, deadline: SessionTime.Instant, waiter: Waiter) -> Entry {
        if enterAtOnce(id) { return .go }
        guard waiterCount(of: id) < maximumWaiters else { return .full }
        lines[id, default: []].append(Waiting(ticket: ticket, deadline: deadline, waiter: waiter))
        return .wait
    }

    /// The one whose turn it was has finished.
    ///
    /// - Returns: Whose turn it is now; nil when nobody waits.
    mutating func leave(_ id: SessionID) -> Waiter? {
        guard var line = lines[id], !line.isEmpty else {
            lines[id] = nil
            return nil
        }
        let next = line.removeFirst()
        lines[id] = line
        return next.waiter
    }

    /// Somebody does not want to wait any longer.
    ///
    /// - Returns: Who it was; nil when it had been told already.
    mutating func cancel(_ id: SessionID, ticket: UInt64) -> Waiter? {
        guard let index = lines[id]?.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return lines[id]?.remove(at: index).waiter
    }

    /// The alarm rang.
    ///
    /// - Returns: Whose deadline has passed, and the next deadline.
    mutating func expire(at now: SessionTime.Instant) -> (expired: [Waiter], next: SessionTime.Instant?) {
        var expired: [Waiter] = []
        var next: SessionTime.Instant?
        for (id, line) in lines {
            let isLate = line.contains { $0.deadline <= now }
            if isLate {
                expired += line.filter { $0.deadline <= now }.map(\.waiter)
                lines[id] = line.filter { $0.deadline > now }
            }
            for waiting in line where waiting.deadline > now {
                next = min(next ?? waiting.deadline, waiting.deadline)
            }
        }
        return (expired, next)
    }
}
