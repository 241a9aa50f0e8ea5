import NIOCore

/// Decides what is to be done with a connection because of its age or because nobody uses it.
///
/// No clock: the time is an argument.
struct ConnectionUpkeep: Sendable {
    enum Duty: Hashable, Sendable {
        case none
        /// Send a NOOP.
        case keepAlive
        /// Nobody has used it for too long.
        case close
        /// It is old: make another one in its place.
        case replace
    }

    /// What is known of a connection.
    struct Facts: Sendable {
        var opened: NIODeadline
        /// 0…1: how much of the random part of its time it does not get.
        var jitter: Double
        /// When an operation used it last.
        var used: NIODeadline
        /// When anything was sent last, keepalives included.
        var sent: NIODeadline
        /// Whether requests are in flight on it.
        var isBusy: Bool
    }

    private let idleTime: TimeAmount?
    private let maximumAge: TimeAmount?
    private let keepAliveInterval: TimeAmount?

    init(_ configuration: MemcachedConfiguration.Pool) {
        self.idleTime = configuration.idleTime.map(TimeAmount.init(clamping:))
        self.maximumAge = configuration.maximumAge.map(TimeAmount.init(clamping:))
        self.keepAliveInterval = configuration.keepAliveInterval.map(TimeAmount.init(clamping:))
    }

    /// What is to be done with a connection now, and when to ask again; nil for never.
    func duty(_ facts: Facts, now: NIODeadline) -> (duty: Duty, next: NIODeadline?) {
        let old = maximumAge.map { facts.opened + Self.shortened($0, facts.jitter) }
        // What is in use will be idle for a whole time after that.
        let idle = idleTime.map { (facts.isBusy ? max(now, facts.used) : facts.used) + $0 }
        let quiet = keepAliveInterval.map { (facts.isBusy ? max(now, facts.sent) : facts.sent) + $0 }
        if let idle, idle <= now { return (.close, nil) }
        if let old, old <= now { return (.replace, now + .seconds(1)) }
        if let quiet, quiet <= now, let keepAliveInterval {
            return (.keepAlive, Self.earliest(old, idle, now + keepAliveInterval))
        }
        return (.none, Self.earliest(old, idle, quiet))
    }

    private static func shortened(_ age: TimeAmount, _ jitter: Double) -> TimeAmount {
        .nanoseconds(age.nanoseconds - Int64(Double(age.nanoseconds / 4) * min(1, max(0, jitter))))
    }

    private static func earliest(_ instants: NIODeadline?...) -> NIODeadline? {
        instants.lazy.compactMap(\.self).min()
    }
}
