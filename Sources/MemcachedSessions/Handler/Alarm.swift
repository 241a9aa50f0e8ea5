import Synchronization

/// Rings once at the earliest of the instants it was set to.
///
/// A timer for many: whoever waits for something sets it, and the one who hears it looks what is due and sets it again.
/// What was set ends with the alarm.
final class Alarm: Sendable {
    private let time: SessionTime
    private let armed = Mutex<Armed?>(nil)

    private struct Armed {
        let instant: SessionTime.Instant
        let sleeper: Task<Void, Never>
    }

    init(_ time: SessionTime) {
        self.time = time
    }

    deinit {
        armed.withLock { $0?.sleeper.cancel() }
    }

    /// Sets the alarm, unless it will ring earlier anyway.
    ///
    /// - Parameters:
    ///   - instant: When to ring.
    ///   - ring: What to do then. It must not keep alive what would end with it.
    func set(_ instant: SessionTime.Instant, ring: @escaping @Sendable () -> Void) {
        let superseded = armed.withLock { armed -> Task<Void, Never>? in
            if let armed, armed.instant <= instant { return nil }
            // It may look only when this lock is free again, and finds itself armed then.
            let sleeper = Task.detached { [weak self, time] in
                try? await time.sleep(instant)
                if self?.disarm(instant) == true { ring() }
            }
            defer { armed = Armed(instant: instant, sleeper: sleeper) }
            return armed?.sleeper
        }
        superseded?.cancel()
    }

    /// Whether the alarm was still set to this instant; it is not any more.
    private func disarm(_ instant: SessionTime.Instant) -> Bool {
        armed.withLock { armed in
            guard armed?.instant == instant else { return false }
            armed = nil
            return true
        }
    }
}
