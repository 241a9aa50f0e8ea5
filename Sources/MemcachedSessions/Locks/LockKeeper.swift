import Synchronization

/// Renews the locks that are held for long, each when a third of its lease has passed.
final class LockKeeper: Sendable {
    private struct Kept {
        var lock: SessionLock
        var due: SessionTime.Instant
    }

    private let time: SessionTime
    private let interval: Duration
    private let alarm: Alarm
    private let kept = Mutex<[ObjectIdentifier: Kept]>([:])

    init(_ time: SessionTime, lease: Duration) {
        self.time = time
        self.interval = lease / 3
        self.alarm = Alarm(time)
    }

    /// Begins to keep a lock alive.
    ///
    /// - Parameters:
    ///   - lock: The lock.
    ///   - renew: Renews a lock. It must not keep the handler alive.
    func keep(_ lock: SessionLock, renew: @escaping @Sendable (SessionLock) async -> Void) {
        let due = time.now() + interval
        kept.withLock { $0[ObjectIdentifier(lock)] = Kept(lock: lock, due: due) }
        set(due, renew)
    }

    /// Stops keeping a lock alive.
    func release(_ lock: SessionLock) {
        kept.withLock { $0[ObjectIdentifier(lock)] = nil }
    }

    private func set(_ instant: SessionTime.Instant, _ renew: @escaping @Sendable (SessionLock) async -> Void) {
        alarm.set(instant) { [weak self] in self?.ring(renew) }
    }

    private func ring(_ renew: @escaping @Sendable (SessionLock) async -> Void) {
        let now = time.now()
        let (due, next) = kept.withLock { kept in
            var due: [SessionLock] = []
            var next: SessionTime.Instant?
            for (key, value) in kept {
                var instant = value.due
                if instant <= now {
                    due.append(value.lock)
                    instant = now + interval
                    kept[key]?.due = instant
                }
                next = min(next ?? instant, instant)
            }
            return (due, next)
        }
        for lock in due {
            lock.startRenewal { await renew(lock) }
        }
        if let next { set(next, renew) }
    }
}
