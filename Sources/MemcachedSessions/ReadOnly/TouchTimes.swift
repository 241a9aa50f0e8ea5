/// When each session was last prolonged by a request that only read it.
///
/// Plain data of bounded size: time is an argument.
struct TouchTimes {
    /// How many sessions are remembered; of the others, nothing is known and they are touched again.
    static let maximumCount = 10_000

    private var times: [SessionID: SessionTime.Instant] = [:]

    var count: Int { times.count }

    /// Whether a session is to be touched now, which counts as done then.
    mutating func isDue(_ id: SessionID, at now: SessionTime.Instant, every interval: Duration) -> Bool {
        if let last = times[id], last.duration(to: now) < interval { return false }
        if times.count >= Self.maximumCount {
            times = times.filter { $0.value.duration(to: now) < interval }
            if times.count >= Self.maximumCount { times = [:] }
        }
        times[id] = now
        return true
    }

    /// Touching a session did not succeed, so it is due again.
    mutating func forget(_ id: SessionID) {
        times[id] = nil
    }
}
