import Synchronization

/// Rings once at the earliest of the instants it was set to.
///
/// A timer for many: whoever waits for something sets it, and the one who hears it looks what is due and sets it again.
final class Alarm: Sendable {
    private let time: SessionTime
    private let armed = Mutex<SessionTime.Instant?>(nil)

    init(_ time: SessionTime) {
        self.time = time
    }

    /// Sets the alarm, unless it will ring earlier anyway.
    ///
    /// - Parameters:
    ///   - instant: When to ring.
    ///   - ring: What to do then. It must not keep alive what would end with it.
    func set(_ instant: SessionTime.Instant, ring: @escaping @Sendable () -> Void) {
        let isNeeded = armed.withLock { armed in
            if let armed, armed <= instant { return false }
            armed = instant
            return true
        }
        guard isNeeded else { return }
        // Ends by itself at the instant; nobody cancels it.
        Task.detached { [self, time] in
            try? await time.sleep(instant)
            let isCurrent = armed.withLock { armed in
                guard armed == instant else { return false }
                armed = nil
                return true
            }
            if isCurrent { ring() }
        }
    }
}
