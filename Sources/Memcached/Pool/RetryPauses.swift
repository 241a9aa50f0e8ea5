import NIOCore

/// How long a server is left alone after failures behind one another.
///
/// No clock, no chance: the jitter is an argument.
struct RetryPauses {
    /// What kind of failure it was; a failure of the other kind begins at the first pause again.
    private enum Kind {
        case unreachable
        /// Something answers, and the credentials are refused.
        case refused
    }

    private let unreachable: (initial: TimeAmount, maximum: TimeAmount)
    private let refused: (initial: TimeAmount, maximum: TimeAmount)
    private var kind = Kind.unreachable
    private var count = 0

    /// - Parameters:
    ///   - backoff: After a server could not be reached, or did not answer.
    ///   - refusals: After it refused the credentials.
    init(_ backoff: MemcachedConfiguration.Backoff, refusals: MemcachedAuthentication.Backoff) {
        unreachable = (TimeAmount(clamping: backoff.initial), TimeAmount(clamping: backoff.maximum))
        refused = (TimeAmount(clamping: refusals.initial), TimeAmount(clamping: refusals.maximum))
    }

    /// The same pause after each failure, and longer ones after refused credentials.
    init(every pause: TimeAmount, refusals: MemcachedAuthentication.Backoff) {
        unreachable = (pause, pause)
        refused = (TimeAmount(clamping: refusals.initial), TimeAmount(clamping: refusals.maximum))
    }

    /// The pause after one more failure.
    ///
    /// - Parameters:
    ///   - error: How it failed.
    ///   - jitter: 0…1: how much of the pause's random part is left out.
    /// - Returns: The pause, which doubles with each failure of a kind.
    mutating func next(after error: MemcachedError, jitter: Double) -> TimeAmount {
        let kind: Kind = Self.isAboutCredentials(error) ? .refused : .unreachable
        if kind != self.kind { count = 0 }
        self.kind = kind
        let (initial, maximum) = kind == .refused ? refused : unreachable
        let (doubled, overflow) = initial.nanoseconds.multipliedReportingOverflow(by: 1 << min(count, 20))
        let full = min(maximum.nanoseconds, overflow ? .max : doubled)
        count = min(count, .max - 1) + 1
        // Random over nearly all of it ("full jitter"), so that clients which lost a server together do not come back
        // together. Who tries refused credentials too often may be locked out, so there it is half of it.
        let shortest = kind == .refused ? full / 2 : min(initial.nanoseconds, full) / 2
        let random = Double(full - shortest) * (1 - min(1, max(0, jitter)))
        return .nanoseconds(shortest + Int64(random))
    }

    /// Begins at the first pause again.
    mutating func reset() {
        count = 0
    }

    /// Whether other credentials could help, and the same ones too early could harm.
    static func isAboutCredentials(_ error: MemcachedError) -> Bool {
        error.code == .authenticationRefused || error.code == .serverNotAuthenticated
    }
}
