import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The connections to one server: a thin shell around ``PoolStateMachine``.
///
/// It has to be shut down: its connections and its timer hold it until then. ``Endpoint`` sees to that when nobody uses
/// the pool any more. So nothing refers to it weakly, which would make each of the many times slower that an operation
/// takes hold of it.
final class ServerPool: Sendable {
    typealias Waiter = UnsafeContinuation<Result<Connection, MemcachedError>, Never>
    typealias Admission = ServerHealth.Admission

    let server: MemcachedServer
    /// Whether the server may be used.
    let health: HealthMonitor
    let connector: Connector
    let logger: Logger
    /// The connections for callers from anywhere, then those of each event loop for callers that run on it.
    let lanes: [ConnectionLane]
    /// Nil where nobody wants metrics or spans.
    let observer: ServerObserver?
    /// Counts what ended connections have counted.
    let counters = Mutex(ConnectionCounters())
    let upkeep: ConnectionUpkeep
    let limiter: ConnectLimiter
    let operationTimeout: TimeAmount
    let authenticates: Bool
    /// Nil: not asked yet.
    private let knownSettings = Mutex<ServerSettings?>(nil)
    /// Times those who wait, on a loop that nobody can shut down under them.
    let timerLoop: any EventLoop
    let timer: NIOLoopBoundBox<DeadlineTimer?>

    /// - Parameters:
    ///   - server: Whose connections these are.
    ///   - configuration: How they are made and used.
    ///   - tls: How they are encrypted; nil for clear text.
    ///   - onHealthChange: Called after the server went down or came up, without any lock held; ask ``isDown`` which.
    init(
        server: MemcachedServer,
        configuration: MemcachedConfiguration,
        tls: TLSContext?,
        onHealthChange: @escaping @Sendable () -> Void = {}
    ) {
        self.server = server
        self.health = HealthMonitor(
            configuration: configuration,
            serverLabel: server.label,
            onChange: onHealthChange
        )
        self.connector = Connector(server: server, configuration: configuration, tls: tls)
        self.logger = configuration.logger
        self.upkeep = ConnectionUpkeep(configuration.pool)
        self.limiter = configuration.connectLimiter
        self.authenticates = configuration.authenticates
        self.operationTimeout = TimeAmount(clamping: configuration.timeouts.operation)
        self.lanes = ConnectionLane.lanes(configuration)
        // The connections' own loop if it is one of those: a connection is made and timed without waking another thread.
        self.timerLoop =
            configuration.eventLoopGroup == nil
            ? lanes[0].loopForConnection : MultiThreadedEventLoopGroup.singleton.any()
        self.observer = ServerObserver(
            server: server,
            configuration: configuration,
            maximumConnections: configuration.pool.connections
                + (lanes.count - 1) * configuration.pool.connectionsPerLoop
        )
        self.timer = .makeEmptyBox(valueType: DeadlineTimer.self, eventLoop: timerLoop)
    }

    // MARK: Health

    /// Whether the server is down; operations are refused, but for one now and then.
    var isDown: Bool { health.isDown }

    /// Whether an operation may use the server now.
    ///
    /// Who is told to probe has the only turn, and says how it went: hand the answer to the request that asks for it.
    func admission(now: NIODeadline) -> Admission { health.admission(now: now) }

    // MARK: Operations

    /// The lane of the event loop that this runs on, if it is one of the client's; else the one for everybody.
    var lane: ConnectionLane {
        guard lanes.count > 1, let loop = MultiThreadedEventLoopGroup.currentEventLoop else { return lanes[0] }
        return lanes.first { $0.eventLoop === loop } ?? lanes[0]
    }

    /// The connection to use if there is one, without waiting.
    var readyConnection: Connection? {
        let lane = lane
        let (connection, isBusy) = lane.machine.withLock { $0.ready }
        if isBusy { grow(lane) }
        return connection
    }

    /// A connection, waiting for one to be made or to have room.
    ///
    /// - Parameters:
    ///   - full: A connection that had no room.
    ///   - wantsAnother: Whether to make another one as long as there may be more.
    ///   - deadline: Until when to wait.
    ///   - lane: Of whose connections; nil for those of the caller.
    /// - Returns: A connection that was ready a moment ago.
    /// - Throws: ``MemcachedError`` with nothing sent.
    func connection(
        insteadOf full: Connection? = nil,
        wantsAnother: Bool = false,
        deadline: NIODeadline,
        on lane: ConnectionLane? = nil
    ) async throws(MemcachedError) -> Connection {
        let lane = lane ?? self.lane
        let id = Atomic<UInt64>(0)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: Waiter) in
                acquire(waiter, full: full, wantsAnother: wantsAnother, deadline: deadline, on: lane, id: id)
            }
        } onCancel: {
            cancel(id, on: lane)
        }
        return try result.get()
    }

    private func acquire(
        _ waiter: Waiter,
        full: Connection?,
        wantsAnother: Bool,
        deadline: NIODeadline,
        on lane: ConnectionLane,
        id: borrowing Atomic<UInt64>
    ) {
        let now = NIODeadline.now()
        let answer = lane.machine.withLock { machine in
            let answer = machine.acquire(
                full: full,
                wantsAnother: wantsAnother,
                now: now,
                deadline: deadline,
                waiter: waiter
            )
            if case .wait(let number, _) = answer { id.store(number, ordering: .relaxed) }
            return answer
        }
        switch answer {
        case .use(let connection):
            waiter.resume(returning: .success(connection))
        case .fail(let error):
            waiter.resume(returning: .failure(error.with(server: server.label)))
        case .wait(_, let connect):
            if connect { self.connect(lane) }
            arm(at: deadline)
            if Task.isCancelled { cancel(id, on: lane) }
        }
        // There may have been room, or an end, between the refusal and now.
        if let full, let room = full.waitForRoom() { hasRoom(full, room) }
    }

    private func cancel(_ id: borrowing Atomic<UInt64>, on lane: ConnectionLane) {
        // Read under the lock under which it is written, as a connection's tickets are.
        let waiter = lane.machine.withLock { machine -> Waiter? in
            let number = id.load(ordering: .relaxed)
            return number == 0 ? nil : machine.cancel(id: number)
        }
        let error = MemcachedError(
            .cancelled,
            "the task was cancelled before its request was sent",
            server: server.label
        )
        waiter?.resume(returning: .failure(error))
    }

    /// How the server says that it was started, asked for once.
    ///
    /// - Parameters:
    ///   - deadline: Of the operation that wants to know.
    ///   - ask: Asks the server; throws when it does not answer, which is not the same as not telling.
    ///   - isLasting: Whether what is known need not be asked for again.
    /// - Returns: The settings; nil when the server has not answered.
    func settings(
        deadline: NIODeadline,
        ask: (ServerPool, NIODeadline) async throws(MemcachedError) -> ServerSettings,
        unless isLasting: (ServerSettings) -> Bool = { _ in true }
    ) async -> ServerSettings? {
        if let known = knownSettings.withLock({ $0 }), isLasting(known) { return known }
        do throws(MemcachedError) {
            let settings = try await ask(self, deadline)
            knownSettings.withLock { $0 = settings }
            return settings
        } catch {
            return nil
        }
    }

    func hasRoom(_ connection: Connection, _ room: Int) {
        var room: Int? = room
        let lane = lane(of: connection)
        while let count = room {
            let (release, isAnyoneLeft) = lane.machine.withLock { machine in
                let release = machine.hasRoom(connection, count: count)
                return (release, machine.waiterCount > 0)
            }
            guard case .resume = release else { return }
            perform(release)
            // Who is left over has to hear of the room that comes after this.
            room = isAnyoneLeft ? connection.waitForRoom() : nil
        }
    }

    func perform(_ release: PoolStateMachine<Connection, Waiter>.Release) {
        switch release {
        case .none:
            break
        case .resume(let waiters, let connection):
            for waiter in waiters { waiter.resume(returning: .success(connection)) }
        case .fail(let waiters, let error):
            let error = error.with(server: server.label)
            for waiter in waiters { waiter.resume(returning: .failure(error)) }
        }
    }

    // MARK: Loops and time

    /// Whether an attempt to connect waits for its turn among those of the whole process.
    var awaitsTurn: Bool { lanes.contains(where: \.awaitsTurn) }

    /// Whether there is a connection that answers, as far as is known.
    var isServed: Bool { lanes.contains { $0.machine.withLock { $0.isServed } } }

    private var isShutDown: Bool { lanes[0].machine.withLock { $0.isShutDown } }

    /// Where a connection belongs.
    func lane(of connection: Connection) -> ConnectionLane {
        // The index was given to it by the lane that had it made.
        lanes[connection.observer.lane]
    }

    func arm(at deadline: NIODeadline) {
        timerLoop.execute {
            guard !self.isShutDown else { return }
            if self.timer.value == nil {
                self.timer.value = DeadlineTimer(eventLoop: self.timerLoop) { self.tick() }
            }
            self.timer.value?.arm(at: deadline)
        }
    }

    /// Deadlines that lie close together are served together.
    private static let grain = TimeAmount.milliseconds(1)

    private func tick() {
        let now = NIODeadline.now()
        var expired: [Waiter] = []
        var nextDeadlines: [NIODeadline] = []
        for lane in lanes {
            let (late, next) = lane.machine.withLock { $0.expire(at: now) }
            expired += late
            if let next { nextDeadlines.append(next) }
            if let next = keepUp(lane, now: now) { nextDeadlines.append(next) }
        }
        if let next = nextDeadlines.min() { timer.value?.arm(at: max(next, now + Self.grain)) }
        guard !expired.isEmpty else { return }
        let error = MemcachedError(
            .timeout,
            "no connection was ready in time; nothing was sent. Check that the server is up and answers",
            server: server.label
        )
        for waiter in expired { waiter.resume(returning: .failure(error)) }
    }
}
