import NIOCore

/// So many at once, and so many a second after that.
///
/// No clock: the time is an argument. What is taken is taken in advance: who finds the bucket empty is told when its
/// turn will be, behind those who came before.
struct TokenBucket: Sendable {
    /// The time that one token takes to come.
    private let interval: Int64
    /// As many as may be taken at once, as time.
    private let burst: Int64
    /// When the bucket will be full again.
    private var fullAt = NIODeadline.uptimeNanoseconds(0)

    /// - Parameters:
    ///   - rate: Tokens a second.
    ///   - burst: Tokens in a full bucket.
    init(rate: Int, burst: Int) {
        let rate = Int64(min(max(1, rate), 1_000_000_000))
        self.interval = 1_000_000_000 / rate
        self.burst = interval * Int64(min(max(1, burst), 1_000_000))
    }

    /// Takes a token.
    ///
    /// - Returns: When it may be used: `now`, or later.
    mutating func take(at now: NIODeadline) -> NIODeadline {
        let begin = max(now, fullAt)
        fullAt = begin + .nanoseconds(interval)
        // The token of a bucket that is not empty is there already.
        let earliest = fullAt - .nanoseconds(burst)
        return max(now, earliest)
    }

    /// Puts a token back that was taken.
    mutating func putBack() {
        // One that is full does not become fuller: a time before now counts for nothing.
        if fullAt.uptimeNanoseconds >= UInt64(interval) { fullAt = fullAt - .nanoseconds(interval) }
    }
}
