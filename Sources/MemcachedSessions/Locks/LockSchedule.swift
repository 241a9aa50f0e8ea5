import Memcached
import NIOCore

/// When to ask the server for a lock again: PHP's waits, spread a little, and a deadline.
///
/// php-memcached 3.2 (`php_memcached_session.c`, lines 122-176): after a refusal it sleeps the minimum, then twice as
/// long each time up to the maximum, for a number of retries. The first sleep is the minimum even where that is longer
/// than the maximum, and after the last refusal there is none.
///
/// PHP gives up after that many refusals. Here they count against one holder: as long as the lock goes from hand to
/// hand, waiting goes on until the deadline. Time is an argument.
struct LockSchedule {
    /// What to do after a refusal.
    enum Step: Equatable {
        case wait(until: SessionTime.Instant)
        case giveUp
    }

    /// Whose lock stood in the way, as far as one can tell by looking at it.
    enum Holder: Hashable {
        /// A Swift process's lock carries a token, which stays while it is renewed.
        case token(ByteBuffer)
        /// All of PHP's locks look the same, and PHP renews none.
        case cas(MemcachedCAS?)

        init(_ lock: MemcachedItem) {
            self = lock.value.readableBytes > 1 ? .token(lock.value) : .cas(lock.cas)
        }
    }

    private let maximumWait: Duration
    private let retries: Int
    private let deadline: SessionTime.Instant
    private var wait: Duration
    private var retriesLeft: Int
    private var holder: Holder?

    init(_ locking: MemcachedSessionConfiguration.Locking, deadline: SessionTime.Instant) {
        self.maximumWait = locking.maximumWait
        self.retries = locking.retries
        self.deadline = deadline
        self.wait = locking.minimumWait
        self.retriesLeft = locking.retries
    }

    /// The server said that somebody else holds the lock.
    ///
    /// - Parameters:
    ///   - holder: Who that is; nil when it is not known.
    ///   - now: The time.
    ///   - jitter: 0…1: from a quarter less to a quarter more than PHP would wait.
    /// - Returns: Until when to wait, or to give up.
    mutating func refused(by holder: Holder?, at now: SessionTime.Instant, jitter: Double) -> Step {
        if let holder {
            if let previous = self.holder, previous != holder { retriesLeft = retries }
            self.holder = holder
        }
        guard retriesLeft > 0 else { return .giveUp }
        let instant = now + wait * (0.75 + 0.5 * min(1, max(0, jitter)))
        guard instant < deadline else { return .giveUp }
        retriesLeft -= 1
        wait = min(maximumWait, wait * 2)
        return .wait(until: instant)
    }
}
