import Memcached
import NIOCore
import Synchronization

/// A lock that this process holds on a session.
final class SessionLock: Sendable {
    private struct State {
        var lease: LockLease
        /// No renewal begins any more.
        var isEnding = false
        /// Whether its loss has been told.
        var isReported = false
        var renewal: Task<Void, Never>?
    }

    let id: SessionID
    /// The lock's value, by which we know it again: nobody else has it.
    let token: ByteBuffer
    let acquired: SessionTime.Instant
    /// Ends with the lock; nil where nobody else of this process can know the id.
    let turn: Turn?
    /// The route it serves, for events.
    let route: String?
    private let state: Mutex<State>

    init(_ request: LockRequest, acquired: SessionTime.Instant, lease: LockLease) {
        self.id = request.id
        self.token = request.token
        self.turn = request.turn
        self.route = request.route
        self.acquired = acquired
        self.state = Mutex(State(lease: lease))
    }

    var cas: MemcachedCAS? { state.withLock { $0.lease.cas } }

    func isHeld(at now: SessionTime.Instant) -> Bool {
        state.withLock { $0.lease.isHeld(at: now) }
    }

    func remaining(at now: SessionTime.Instant) -> Duration {
        state.withLock { $0.lease.remaining(at: now) }
    }

    func update(_ change: @Sendable (inout LockLease) -> Void) {
        state.withLock { change(&$0.lease) }
    }

    /// Whether its loss is to be told: once.
    func reportLoss() -> Bool {
        state.withLock { state in
            defer { state.isReported = true }
            return !state.isReported
        }
    }

    /// Whether a lock that was read is this one.
    func isSame(_ item: MemcachedItem) -> Bool { item.value == token }

    /// Begins a renewal, unless one is under way or the lock is about to be given back.
    func startRenewal(_ renew: @escaping @Sendable () async -> Void) {
        state.withLock { state in
            guard !state.isEnding, !state.lease.isLost, state.renewal == nil else { return }
            // Ends by itself: each of its commands has a timeout. Whoever gives the lock back waits for it.
            state.renewal = Task.detached { [weak self] in
                await renew()
                self?.state.withLock { $0.renewal = nil }
            }
        }
    }

    /// Lets no further renewal begin.
    ///
    /// - Returns: The one under way, to be waited for so that the CAS stays what it is; nil when none is. When it is
    ///   cancelled, what it has done to the lock is not known, and the CAS may be an old one.
    func endRenewals() -> Task<Void, Never>? {
        state.withLock { state in
            state.isEnding = true
            return state.renewal
        }
    }
}
