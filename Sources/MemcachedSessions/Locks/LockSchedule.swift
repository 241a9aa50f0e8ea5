/// When to ask the server for a lock again: PHP's waits, spread a little, and a deadline.
///
/// Time is an argument.
///
/// php-memcached 3.2 (`php_memcached_session.c`, lines 122-176): after a refusal it sleeps the minimum, then twice as
/// long each time up to the maximum, for a number of retries. The first sleep is the minimum even where that is longer
/// than the maximum, and after the last refusal there is none.
struct LockSchedule {
    /// What to do after a refusal.
    enum Step: Equatable {
        case wait(until: SessionTime.Instant)
        case giveUp
    }

    private let maximumWait: Duration
    private let deadline: SessionTime.Instant
    private var wait: Duration
    private var retriesLeft: Int

    init(_ locking: MemcachedSessionConfiguration.Locking, deadline: SessionTime.Instant) {
        self.maximumWait = locking.maximumWait
        self.deadline = deadline
        self.wait = locking.minimumWait
        self.retriesLeft = locking.retries
    }

    /// The server said that somebody else holds the lock.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - jitter: 0…1: from a quarter less to a quarter more than PHP would wait.
    /// - Returns: Until when to wait, or to give up.
    mutating func refused(at now: SessionTime.Instant, jitter: Double) -> Step {
        guard retriesLeft > 0 else { return .giveUp }
        let instant = now + wait * (0.75 + 0.5 * min(1, max(0, jitter)))
        guard instant < deadline else { return .giveUp }
        retriesLeft -= 1
        wait = min(maximumWait, wait * 2)
        return .wait(until: instant)
    }
}
