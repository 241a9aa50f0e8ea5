import Logging
import NIOCore
import NIOPosix
import Synchronization

/// The connections to one server: a thin shell around ``PoolStateMachine``.
final class ServerPool: Sendable {
    typealias Waiter = UnsafeContinuation<Result<Connection, MemcachedError>, Never>

    typealias Admission = ServerHealth.Admission

    let server: MemcachedServer
    /// Whether the server may be used.
    let health: HealthMonitor
    private let connector: Connector
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let machine: Mutex<PoolStateMachine<Connection, Waiter>>
    /// Counts what ended connections have counted.
    private let counters = Mutex(ConnectionCounters())
    /// Outer nil: not asked yet.
    ///
    /// Inner nil: the server does not tell.
    private let knownItemLimit = Mutex<Int??>(nil)
    /// Times those who wait, on a loop that nobody can shut down under them.
    private let timerLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.any()
    private let timer: NIOLoopBoundBox<DeadlineTimer?>

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
        self.eventLoop = (configuration.eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton).next()
        self.logger = configuration.logger
        self.machine = Mutex(
            PoolStateMachine(maximumWaiters: configuration.limits.waitingRequests)
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

    /// The connection if there is one, without waiting.
    var readyConnection: Connection? { machine.withLock { $0.readyConnection } }

    /// A connection, waiting for one to be made or to have room.
    ///
    /// - Parameters:
    ///   - full: A connection that had no room.
    ///   - deadline: Until when to wait.
    /// - Returns: A connection that was ready a moment ago.
    /// - Throws: ``MemcachedError`` with nothing sent.
    func connection(
        insteadOf full: Connection? = nil,
        deadline: NIODeadline
    ) async throws(MemcachedError) -> Connection {
        let id = Atomic<UInt64>(0)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: Waiter) in
                acquire(waiter, full: full, deadline: deadline, id: id)
            }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    private func acquire(
        _ waiter: Waiter,
        full: Connection?,
        deadline: NIODeadline,
        id: borrowing Atomic<UInt64>
    ) {
        let answer = machine.withLock { machine in
            let answer = machine.acquire(full: full, deadline: deadline, waiter: waiter)
            if case .wait(let number, _) = answer { id.store(number, ordering: .relaxed) }
            return answer
        }
        switch answer {
        case .use(let connection):
            waiter.resume(returning: .success(connection))
        case .fail(let error):
            waiter.resume(returning: .failure(error.with(server: server.label)))
        case .wait(_, let connect):
            if connect { self.connect() }
            arm(at: deadline)
            // There may have been room, or an end, between the refusal and now.
            if let full { recheck(full) }
            if Task.isCancelled { cancel(id) }
        }
    }

    private func cancel(_ id: borrowing Atomic<UInt64>) {
        // Read under the lock under which it is written, as a connection's tickets are.
        let waiter = machine.withLock { machine -> Waiter? in
            let number = id.load(ordering: .relaxed)
            return number == 0 ? nil : machine.cancel(id: number)
        }
        waiter?
            .resume(
                returning: .failure(
                    MemcachedError(
                        .cancelled,
                        "the task was cancelled before its request was sent",
                        server: server.label
                    )
                )
            )
    }

    private func recheck(_ connection: Connection) {
        if let room = connection.waitForRoom() { hasRoom(connection, room) }
    }

    /// The largest item that the server takes, asked for once.
    ///
    /// - Parameters:
    ///   - deadline: Of the operation that wants to know.
    ///   - ask: Asks the server.
    /// - Returns: The size in bytes; nil when the server does not tell, which is remembered too.
    func itemLimit(
        deadline: NIODeadline,
        ask: (ServerPool, NIODeadline) async -> Int?
    ) async -> Int? {
        switch knownItemLimit.withLock({ $0 }) {
        case .some(let limit):
            return limit
        case .none:
            let limit = await ask(self, deadline)
            // Not answered is not the same as not told: ask again when the server can be reached.
            if readyConnection != nil { knownItemLimit.withLock { $0 = .some(limit) } }
            return limit
        }
    }

    // MARK: Connections

    private func connect() {
        logger.debug("connecting", metadata: metadata)
        let began = NIODeadline.now()
        let observer = Connection.Observer(
            didClose: { [weak self] connection, error in self?.closed(connection, error, began: began) },
            hasRoom: { [weak self] connection, room in self?.hasRoom(connection, room) }
        )
        connector.connect(on: eventLoop, observer: observer) { [weak self] result in
            guard let self else {
                if case .success(let connection) = result {
                    connection.end(PoolStateMachine<Connection, Waiter>.shutDownError)
                }
                return
            }
            switch result {
            case .success(let connection): connected(connection)
            case .failure(let error): connectFailed(error, began: began)
            }
        }
    }

    private func connected(_ connection: Connection) {
        counters.withLock { $0.connections += 1 }
        let (release, isWanted) = machine.withLock { $0.connected(connection) }
        guard isWanted else { return connection.end(PoolStateMachine<Connection, Waiter>.shutDownError) }
        logger.debug("connected", metadata: metadata)
        perform(release)
        // It may have ended before the pool knew it.
        if connection.isClosed { forget(connection) }
    }

    private func connectFailed(_ error: MemcachedError, began: NIODeadline) {
        counters.withLock { $0.failedConnections += 1 }
        var metadata = metadata
        metadata["error"] = "\(error)"
        logger.debug("no connection", metadata: metadata)
        // Before those who wait are told, so that they find the server as it is.
        health.connectFailed(error, began: began)
        perform(machine.withLock { $0.connectFailed(error) })
    }

    private func closed(_ connection: Connection, _ error: MemcachedError, began: NIODeadline) {
        let last = connection.counters
        counters.withLock { $0 += last }
        var metadata = metadata
        metadata["error"] = "\(error)"
        logger.debug("connection closed", metadata: metadata)
        // A server that accepts and closes at once is no better than one that does not accept.
        if !connection.hasAnswered, error.code != .clientShutDown { health.connectFailed(error, began: began) }
        perform(machine.withLock { $0.connectionClosed(connection, error) })
    }

    /// Forgets a connection that turned out to have ended, should the pool not know yet.
    func forget(_ connection: Connection) {
        perform(machine.withLock { $0.connectionClosed(connection, Self.closedEarly) })
    }

    /// Ends the present connection: what it delivers cannot be trusted.
    func poison(_ error: MemcachedError) {
        guard let connection = readyConnection else { return }
        connection.notePoisoned()
        connection.end(error)
    }

    private func hasRoom(_ connection: Connection, _ room: Int) {
        var room: Int? = room
        while let count = room {
            let (release, isAnyoneLeft) = machine.withLock { machine in
                let release = machine.hasRoom(connection, count: count)
                return (release, machine.waiterCount > 0)
            }
            guard case .resume = release else { return }
            perform(release)
            // Who is left over has to hear of the room that comes after this.
            room = isAnyoneLeft ? connection.waitForRoom() : nil
        }
    }

    private func perform(_ release: PoolStateMachine<Connection, Waiter>.Release) {
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

    // MARK: Time

    private func arm(at deadline: NIODeadline) {
        timerLoop.execute {
            if self.timer.value == nil {
                self.timer.value = DeadlineTimer(eventLoop: self.timerLoop) { [weak self] in self?.tick() }
            }
            self.timer.value?.arm(at: deadline)
        }
    }

    private func tick() {
        let (expired, next) = machine.withLock { $0.expire(at: .now()) }
        if let next { timer.value?.arm(at: next) }
        guard !expired.isEmpty else { return }
        let error = MemcachedError(
            .timeout,
            "no connection was ready in time; nothing was sent. Check that the server is up and answers",
            server: server.label
        )
        for waiter in expired { waiter.resume(returning: .failure(error)) }
    }

    // MARK: The end

    /// Lets nobody in any more.
    ///
    /// - Returns: The connection that may still have requests in flight.
    func shutDown() -> Connection? {
        let (release, connection) = machine.withLock { $0.shutDown() }
        perform(release)
        return connection
    }

    // MARK: Observation

    /// What happened so far, the present connection included.
    var currentCounters: ConnectionCounters {
        var total = counters.withLock { $0 }
        if let connection = readyConnection, !connection.isClosed { total += connection.counters }
        return total
    }

    private var metadata: Logger.Metadata { ["server": "\(server.label)"] }

    private static let closedEarly = MemcachedError(
        .connectionLost,
        "the server closed the connection",
        outcome: .notSent
    )
}
