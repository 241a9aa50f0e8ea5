import Logging
import NIOCore
import Synchronization

/// Tells operations whether a server may be used, and everybody when that changes: a thin shell around ``ServerHealth``.
final class HealthMonitor: Sendable {
    private let health: Mutex<ServerHealth>
    /// The phase, to be read without the lock: 0 up, 1 suspect, 2 down.
    ///
    /// Written under the lock. Relaxed, because nothing is read on the strength of it: who sees it late does what it
    /// would have done a moment earlier.
    private let phaseMark = Atomic<UInt8>(0)
    private let serverLabel: String
    private let logger: Logger
    private let onChange: @Sendable () -> Void

    /// - Parameters:
    ///   - configuration: When a server is down, and for how long it is left alone.
    ///   - serverLabel: What logs call it.
    ///   - onChange: Called after the server went down or came up, without any lock held.
    init(configuration: MemcachedConfiguration, serverLabel: String, onChange: @escaping @Sendable () -> Void) {
        let connect = TimeAmount(clamping: configuration.timeouts.connect)
        let operation = TimeAmount(clamping: configuration.timeouts.operation)
        self.health = Mutex(
            ServerHealth(
                threshold: configuration.health.failureThreshold,
                backoff: configuration.backoff,
                refusals: configuration.authentication.backoff,
                probeLease: connect + operation,
                comesBackByKeysOnly: configuration.failures.flushesReturningServersAfter != nil
            )
        )
        self.serverLabel = serverLabel
        self.logger = configuration.logger
        self.onChange = onChange
    }

    var isDown: Bool { phaseMark.load(ordering: .relaxed) == 2 }
    var isUp: Bool { phaseMark.load(ordering: .relaxed) == 0 }

    /// Phase, and since when and how the server fails if it does.
    var current: (phase: ServerHealth.Phase, failing: (since: NIODeadline, error: MemcachedError)?) {
        health.withLock { ($0.phase, $0.failing) }
    }

    /// Whether an operation may go.
    func admission(now: NIODeadline) -> ServerHealth.Admission {
        guard isDown else { return .open }
        return health.withLock { $0.admit(at: now) }
    }

    /// An operation ended.
    ///
    /// - Parameters:
    ///   - verdict: What that says of the server.
    ///   - began: When its attempt began.
    ///   - isProbe: Whether it was admitted as the probe.
    func ended(_ verdict: OperationVerdict, began: NIODeadline, isProbe: Bool) {
        switch verdict {
        case .answered(let isAboutKey):
            if isUp { return }
            change { $0.answered(began: began, now: .now(), isAboutKey: isAboutKey, isProbe: isProbe) }
        case .failed(let error):
            failed(error, .operation, began: began, isProbe: isProbe)
        case .none:
            if isProbe { health.withLock { $0.giveBackProbe() } }
        }
    }

    /// An attempt to connect failed, or came to nothing.
    func connectFailed(_ error: MemcachedError, began: NIODeadline) {
        failed(error, .connection, began: began, isProbe: false)
    }

    /// There are other credentials: a server that refused the old ones may be tried at once.
    func credentialsChanged() {
        health.withLock { $0.credentialsChanged(now: .now()) }
    }

    private func failed(
        _ error: MemcachedError,
        _ evidence: ServerHealth.Evidence,
        began: NIODeadline,
        isProbe: Bool
    ) {
        let jitter = Double.random(in: 0...1)
        change { $0.failed(error, evidence, began: began, now: .now(), jitter: jitter, isProbe: isProbe) }
    }

    private func change(_ body: (inout ServerHealth) -> ServerHealth.Change) {
        let change = health.withLock { health in
            let change = body(&health)
            phaseMark.store(Self.mark(health.phase), ordering: .relaxed)
            return change
        }
        switch change {
        case .none:
            return
        case .wentDown(let error):
            logger.info("server down", metadata: ["server": "\(serverLabel)", "error": "\(error)"])
        case .cameUp(let outage):
            let seconds = Double(outage.nanoseconds) / 1e9
            logger.info("server up again", metadata: ["server": "\(serverLabel)", "outage_seconds": "\(seconds)"])
        }
        onChange()
    }

    private static func mark(_ phase: ServerHealth.Phase) -> UInt8 {
        switch phase {
        case .up: 0
        case .suspect: 1
        case .down: 2
        }
    }
}
