import NIOCore

@testable import Memcached

extension ServerHealth {
    /// A health with a probe's lease of three seconds.
    init(
        threshold: Int,
        initial: Duration,
        maximum: Duration = .seconds(1),
        comesBackByKeysOnly: Bool = false
    ) {
        var backoff = MemcachedConfiguration.Backoff()
        backoff.initial = initial
        backoff.maximum = maximum
        self.init(
            threshold: threshold,
            backoff: backoff,
            probeLease: .seconds(3),
            comesBackByKeysOnly: comesBackByKeysOnly
        )
    }

    mutating func admit(at now: Int) -> Admission { admit(at: .at(milliseconds: now)) }

    mutating func answer(began: Int, at now: Int, isAboutKey: Bool = true, isProbe: Bool = false) -> Change {
        answered(
            began: .at(milliseconds: began),
            now: .at(milliseconds: now),
            isAboutKey: isAboutKey,
            isProbe: isProbe
        )
    }

    mutating func fail(
        _ evidence: Evidence = .operation,
        began: Int,
        at now: Int,
        jitter: Double = 0,
        isProbe: Bool = false
    ) -> Change {
        failed(
            MemcachedError(.timeout, "no answer", server: "host:11211", outcome: .unknown),
            evidence,
            began: .at(milliseconds: began),
            now: .at(milliseconds: now),
            jitter: jitter,
            isProbe: isProbe
        )
    }

    /// Three failures, the last one at `now`.
    mutating func goDown(at now: Int) {
        for step in [2, 1, 0] { _ = fail(began: now - step, at: now - step) }
    }
}

extension ServerHealth.Admission {
    var isOpen: Bool {
        if case .open = self { true } else { false }
    }

    var isProbe: Bool {
        if case .probe = self { true } else { false }
    }

    var error: MemcachedError? {
        if case .down(let error) = self { error } else { nil }
    }
}

extension ServerHealth.Change {
    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    /// Why the server went down.
    var error: MemcachedError? {
        if case .wentDown(let error) = self { error } else { nil }
    }

    /// How long it was down.
    var outage: TimeAmount? {
        if case .cameUp(let outage) = self { outage } else { nil }
    }
}
