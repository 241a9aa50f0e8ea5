import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Looks the servers' name up again and again: a thin shell around ``DiscoveryStateMachine``.
///
/// Its timer and its lookups do not keep it: it ends with the client.
final class ServerDiscovery: Sendable {
    private struct State {
        var machine: DiscoveryStateMachine
        /// Whether what a lookup found is being put in its place: who asks now waits for that.
        var isApplying = false
        var waiting: [AsyncStream<Never>.Continuation] = []
        var timer: Scheduled<Void>?
    }

    private let resolver: any AddressResolver
    private let logger: Logger
    private let state: Mutex<State>
    private let hasResolved = Atomic<Bool>(false)
    private let onServers: @Sendable ([MemcachedServer]) -> Void
    /// A loop that nobody can shut down under it.
    private let eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()

    /// Prepares lookups; nil when none are configured.
    ///
    /// - Parameters:
    ///   - configuration: With discovery and one server.
    ///   - onServers: Called with the servers whenever they are others than before, by one lookup after the other.
    init?(configuration: MemcachedConfiguration, onServers: @escaping @Sendable ([MemcachedServer]) -> Void) {
        guard let discovery = configuration.discovery, let name = configuration.servers.first else { return nil }
        self.resolver = configuration.resolver
        self.logger = configuration.logger
        self.state = Mutex(
            State(machine: DiscoveryStateMachine(configuration: configuration, name: name, discovery))
        )
        self.onServers = onServers
    }

    deinit { stop() }

    /// Whether the servers are known.
    var isResolved: Bool { hasResolved.load(ordering: .acquiring) }

    /// Looks the name up now, unless that is being done.
    func lookUp() {
        guard let host = state.withLock({ $0.machine.begin() }) else { return }
        resolver.addresses(of: host) { [weak self] result in self?.ended(result) }
    }

    /// Waits for the servers to be known.
    ///
    /// - Parameter deadline: Until when to wait.
    /// - Throws: ``MemcachedError`` with nothing sent: they could not be looked up, or not in time.
    func wait(until deadline: NIODeadline) async throws(MemcachedError) {
        let patience = Duration.nanoseconds(max(0, (deadline - .now()).nanoseconds))
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.lookupUnderWay() }
            tasks.addTask { try? await Task.sleep(for: patience) }
            await tasks.next()
            tasks.cancelAll()
        }
        guard !isResolved else { return }
        if Task.isCancelled {
            throw MemcachedError(.cancelled, "the task was cancelled while the servers were being looked up")
        }
        let (isStopped, failure) = state.withLock { ($0.machine.isStopped, $0.machine.failure) }
        if isStopped { throw MemcachedError.shutDown }
        throw failure
            ?? MemcachedError(.timeout, "the servers' name was not resolved in time; nothing was sent. Check the DNS")
    }

    /// Ends with the lookup that is under way, or with the task.
    private func lookupUnderWay() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        let isUnderWay = state.withLock { state in
            guard state.machine.isLookingUp || state.isApplying, !state.machine.isStopped else { return false }
            state.waiting.append(continuation)
            return true
        }
        guard isUnderWay else { return }
        for await _ in stream {}
    }

    private func ended(_ result: Result<[String], any Error>) {
        let (step, failure) = state.withLock { state in
            state.isApplying = true
            return (state.machine.ended(result), state.machine.failure)
        }
        if let step {
            switch step.report {
            case .none: break
            case .failed: logger.info("servers not found", metadata: ["error": "\(failure.map(\.description) ?? "")"])
            case .recovered: logger.info("servers found again")
            }
            if case .replace(let servers) = step.action {
                onServers(servers)
                hasResolved.store(true, ordering: .releasing)
            }
            schedule(in: step.next)
        }
        resumeAll()
    }

    private func resumeAll() {
        let waiting = state.withLock { state in
            state.isApplying = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }

    private func schedule(in time: TimeAmount) {
        let timer = eventLoop.scheduleTask(in: time) { [weak self] in
            guard let self else { return }
            lookUp()
        }
        let isStopped = state.withLock { state in
            state.timer = timer
            return state.machine.isStopped
        }
        if isStopped { timer.cancel() }
    }

    /// Looks nothing up any more.
    func stop() {
        let timer = state.withLock { state in
            state.machine.stop()
            return state.timer
        }
        timer?.cancel()
        resumeAll()
    }
}
