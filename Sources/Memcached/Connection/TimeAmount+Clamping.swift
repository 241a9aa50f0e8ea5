import NIOCore

extension TimeAmount {
    /// The longest time that anything here waits, 365 days: what users mean by more is "for ever".
    static let longest = TimeAmount.hours(365 * 24)

    /// A time as users give it: less than nothing counts as nothing, more than ``longest`` as that.
    ///
    /// NIO's own conversion traps on durations of more than 2^63 seconds.
    init(clamping duration: Duration) {
        self.init(min(max(duration, .zero), .nanoseconds(Self.longest.nanoseconds)))
    }
}
