import NIOCore

/// Judges by what becomes of operations whether a server is up, suspect or down, and when it is tried again.
///
/// A circuit breaker. Failures without an answer in between make a server suspect, and down once there are enough of
/// them. While it is down operations fail at once; when a pause is over, one of them goes out as a probe, and its answer
/// ends the outage. Each failed probe doubles the pause, up to the longest: a server is never given up for good.
///
/// No clock, no chance: the time and the jitter are arguments.
struct ServerHealth {
    enum Phase: Sendable {
        case up
        /// It failed, and not often enough yet.
        case suspect
        case down
    }

    /// What an operation may do.
    enum Admission: Sendable {
        case open
        /// Go, and say what became of it: nobody else may until then.
        case probe
        /// Fail at once with this: nothing was sent.
        case down(MemcachedError)
    }

    /// What a failure says.
    enum Evidence: Sendable {
        /// No connection came about.
        case connection
        /// A connection was there and an operation had no answer on it.
        case operation
    }

    /// What everybody should hear of.
    enum Change: Sendable {
        case none
        case wentDown(MemcachedError)
        case cameUp(after: TimeAmount)
    }

    /// Failures behind one another.
    private struct Trouble {
        var began: NIODeadline
        var counted: NIODeadline
        var failures: Int
        var error: MemcachedError
        var evidence: Evidence
    }

    /// The time in which a server is left alone.
    private struct Rest {
        var pauses: RetryPauses
        var until: NIODeadline
        /// Until when a probe is waited for; nil when none is out.
        var probe: NIODeadline?
    }

    private let threshold: Int
    private let firstPauses: RetryPauses
    private let probeLease: TimeAmount
    private let comesBackByKeysOnly: Bool
    private var trouble: Trouble?
    private var rest: Rest?

    /// - Parameters:
    ///   - threshold: After how many failures the server is down.
    ///   - backoff: How long it is left alone then.
    ///   - refusals: How long it is left alone after it refused the credentials.
    ///   - probeLease: How long a probe may take before another one is let out: none is waited for for ever.
    ///   - comesBackByKeysOnly: Whether nothing but an operation on a key ends an outage, as where something has to be
    ///     done before the first one.
    init(
        threshold: Int,
        backoff: MemcachedConfiguration.Backoff,
        refusals: MemcachedAuthentication.Backoff = .init(),
        probeLease: TimeAmount,
        comesBackByKeysOnly: Bool = false
    ) {
        self.threshold = max(1, threshold)
        self.firstPauses = RetryPauses(backoff, refusals: refusals)
        self.probeLease = probeLease
        self.comesBackByKeysOnly = comesBackByKeysOnly
    }

    var phase: Phase {
        if rest != nil { .down } else if trouble != nil { .suspect } else { .up }
    }

    /// Since when the server has been failing, and how it did last; nil while it is up.
    var failing: (since: NIODeadline, error: MemcachedError)? {
        trouble.map { ($0.began, $0.error) }
    }

    // MARK: Operations

    /// An operation wants to go.
    mutating func admit(at now: NIODeadline) -> Admission {
        guard let rest, let trouble else { return .open }
        let isProbed = rest.probe.map { now < $0 } ?? false
        guard now >= rest.until, !isProbed else { return .down(refusal(trouble, rest, now)) }
        self.rest?.probe = now + probeLease
        return .probe
    }

    /// An operation had an answer.
    ///
    /// - Parameters:
    ///   - began: When it began: what began before the last failure is no news.
    ///   - now: The time.
    ///   - isAboutKey: Whether it was about a key; else it says only that connections can be made.
    ///   - isProbe: Whether it was admitted as the probe.
    /// - Returns: Whether the server came up, or went down.
    mutating func answered(began: NIODeadline, now: NIODeadline, isAboutKey: Bool, isProbe: Bool) -> Change {
        guard let trouble else { return .none }
        guard rest != nil else {
            if isAboutKey { self.trouble = nil }
            return .none
        }
        if isProbe { giveBackProbe() }
        let isEnough = isAboutKey || (trouble.evidence == .connection && !comesBackByKeysOnly)
        guard began >= trouble.counted, isEnough else { return .none }
        self.trouble = nil
        rest = nil
        return .cameUp(after: now - trouble.began)
    }

    /// An operation, or an attempt to connect, failed in a way that the server may be the reason of.
    ///
    /// - Parameters:
    ///   - error: How.
    ///   - evidence: What it says.
    ///   - began: When it began: only what began after the failure that counted last counts again.
    ///   - now: The time.
    ///   - jitter: 0…1: how much of the pause is left out at random.
    ///   - isProbe: Whether it was admitted as the probe.
    /// - Returns: Whether the server came up, or went down.
    mutating func failed(
        _ error: MemcachedError,
        _ evidence: Evidence,
        began: NIODeadline,
        now: NIODeadline,
        jitter: Double,
        isProbe: Bool
    ) -> Change {
        if isProbe { giveBackProbe() }
        if let trouble, began < trouble.counted { return .none }
        var trouble = trouble ?? Trouble(began: now, counted: now, failures: 0, error: error, evidence: evidence)
        trouble.failures = min(trouble.failures, .max - 1) + 1
        trouble.counted = now
        trouble.error = error
        trouble.evidence = evidence
        self.trouble = trouble
        guard rest != nil || trouble.failures >= threshold || Self.isDecisive(error) else { return .none }
        var pauses = rest?.pauses ?? firstPauses
        let wasDown = rest != nil
        let pause = pauses.next(after: error, jitter: jitter)
        rest = Rest(pauses: pauses, until: now + pause)
        return wasDown ? .none : .wentDown(error)
    }

    /// A probe ended and nothing is known: cancelled, or out of time of its own.
    mutating func giveBackProbe() {
        rest?.probe = nil
    }

    /// There are other credentials: if the old ones were the reason, the next operation may try.
    mutating func credentialsChanged(now: NIODeadline) {
        guard let trouble, RetryPauses.isAboutCredentials(trouble.error) else { return }
        rest?.pauses.reset()
        rest?.until = now
    }

    // MARK: Details

    private func refusal(_ trouble: Trouble, _ rest: Rest, _ now: NIODeadline) -> MemcachedError {
        let left = max(.zero, rest.until - now)
        let detail = """
            the server has been down for \(Self.text(now - trouble.began)) and was not asked; it is tried again with one \
            operation in \(Self.text(left)). The last failure: \(trouble.error.detail)
            """
        return MemcachedError(
            Self.isDecisive(trouble.error) ? trouble.error.code : .serverDown,
            detail,
            server: trouble.error.server,
            cause: trouble.error
        )
    }

    /// What another attempt a moment later would not change, and what its caller has to hear of as it is.
    static func isDecisive(_ error: MemcachedError) -> Bool {
        switch error.code {
        case .authenticationRefused, .authenticationRequired, .authenticationUnsupported, .noSuitableMechanism,
            .serverNotAuthenticated, .credentialsUnavailable, .notBinaryProtocol, .certificateRefused,
            .tlsFailed:
            true
        default:
            false
        }
    }

    private static func text(_ time: TimeAmount) -> String {
        let milliseconds = time.nanoseconds / 1_000_000
        return milliseconds < 1_000 ? "\(milliseconds) ms" : "\(milliseconds / 1_000) s"
    }
}
