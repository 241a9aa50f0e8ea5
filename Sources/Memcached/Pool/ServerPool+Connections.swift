import Logging
import NIOCore
import Synchronization

/// How connections come and go.
extension ServerPool {
    /// The connections are busy: makes another one if that helps.
    func grow() {
        guard machine.withLock({ $0.grow(now: .now()) }) else { return }
        connect()
    }

    /// Makes the attempt that the machine has noted.
    func connect() {
        let now = NIODeadline.now()
        let turn = limiter.turn(isAuthenticating: authenticates, now: now)
        guard turn > now else { return attempt() }
        logger.debug("waiting for a turn to connect", metadata: metadata)
        awaitsTurn = true
        // A task on a loop that nobody shuts down; it ends with the attempt.
        timerLoop.scheduleTask(deadline: turn) { [weak self] in
            self?.awaitsTurn = false
            self?.attempt()
        }
    }

    private func attempt() {
        let (isShutDown, isFirst) = machine.withLock { ($0.isShutDown, $0.connections.isEmpty) }
        guard !isShutDown else { return }
        logger.debug("connecting", metadata: metadata)
        let began = NIODeadline.now()
        let observer = Connection.Observer(
            didClose: { [weak self] connection, error in self?.closed(connection, error, began: began) },
            hasRoom: { [weak self] connection, room in self?.hasRoom(connection, room) }
        )
        // Who could use another connection, or waits for one that answers, gets one that has answered.
        connector.connect(on: loopForConnection, isConfirming: !isFirst, observer: observer) { [weak self] result in
            guard let self else {
                if case .success(let connection) = result { connection.end(.shutDown) }
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
        let (release, retired, connect, isWanted) = machine.withLock { $0.connected(connection) }
        guard isWanted else { return connection.end(.shutDown) }
        logger.debug("connected", metadata: metadata)
        perform(release)
        if let retired { retire(retired) }
        if connect { self.connect() }
        replaceOutdated(now: .now())
        if let next = upkeep.duty(connection.facts, now: .now()).next { arm(at: next) }
        // It may have ended before the pool knew it.
        if connection.isClosed { forget(connection) }
    }

    private func connectFailed(_ error: MemcachedError, began: NIODeadline) {
        counters.withLock { $0.failedConnections += 1 }
        var metadata = metadata
        metadata["error"] = "\(error)"
        logger.debug("no connection", metadata: metadata)
        // Before those who wait are told, so that they find the server as it is. While another connection works it is
        // not down, however few more it takes.
        if !machine.withLock({ $0.isServed }) { health.connectFailed(error, began: began) }
        perform(machine.withLock { $0.connectFailed(error, now: .now(), jitter: .random(in: 0...1)) })
    }

    private func closed(_ connection: Connection, _ error: MemcachedError, began: NIODeadline) {
        let last = connection.counters
        counters.withLock { $0 += last }
        var metadata = metadata
        metadata["error"] = "\(error)"
        logger.debug("connection closed", metadata: metadata)
        let (connect, isServed) = machine.withLock { ($0.connectionClosed(connection).connect, $0.isServed) }
        // A server that accepts and closes at once is no better than one that does not accept.
        if !connection.hasAnswered, !connection.isDraining, error.code != .clientShutDown, !isServed {
            health.connectFailed(error, began: began)
        }
        if connect { self.connect() }
    }

    /// Forgets a connection that turned out to have ended, should the pool not know yet.
    func forget(_ connection: Connection) {
        guard connection.isClosed else { return }
        if machine.withLock({ $0.connectionClosed(connection).connect }) { connect() }
    }

    private func retire(_ connection: Connection) {
        connection.beginDraining(within: connector.timeout, Self.retired)
    }

    // MARK: Upkeep

    /// Sees to age and idleness.
    ///
    /// On the timer's loop.
    ///
    /// - Returns: When to come again.
    func keepUp(now: NIODeadline) -> NIODeadline? {
        var next: NIODeadline?
        var old: [Connection] = []
        for connection in machine.withLock({ $0.connections }) {
            let (duty, again) = upkeep.duty(connection.facts, now: now)
            next = [next, again].compactMap(\.self).min()
            switch duty {
            case .none: break
            case .keepAlive: connection.sendKeepAlive(patience: operationTimeout)
            case .close: if machine.withLock({ $0.release(connection) }) { retire(connection) }
            case .replace: old.append(connection)
            }
        }
        return [next, replace(now: now) { connection in old.contains { $0 === connection } }].compactMap(\.self).min()
    }

    /// Replaces connections that were made with credentials that have changed since, one after the other.
    func replaceOutdated(now: NIODeadline) {
        let current = connector.authenticator.generation
        if let again = replace(now: now, where: { $0.credentialsGeneration < current }) { arm(at: again) }
    }

    /// Replaces all connections, one after the other, without failing anything: credentials or addresses have changed.
    func renew() {
        if let again = replace(now: .now(), where: { _ in true }) { arm(at: again) }
    }

    /// - Returns: When to come again, because not all have been replaced.
    private func replace(now: NIODeadline, where isDue: (Connection) -> Bool) -> NIODeadline? {
        let (connect, isRetiring) = machine.withLock { machine in
            (machine.retire(where: isDue, now: now), machine.isRetiring)
        }
        if connect { self.connect() }
        return isRetiring ? now + .seconds(1) : nil
    }

    /// Makes as many connections as there may be.
    ///
    /// - Throws: ``MemcachedError`` with nothing sent.
    func warmUp(deadline: NIODeadline) async throws(MemcachedError) {
        _ = try await connection(deadline: deadline)
        while machine.withLock({ $0.hasSpace }) {
            _ = try await connection(wantsAnother: true, deadline: deadline)
        }
    }

    // MARK: The end

    /// Lets nobody in any more.
    ///
    /// - Returns: The connections that may still have requests in flight.
    func shutDown() -> [Connection] {
        let (release, connections) = machine.withLock { $0.shutDown() }
        perform(release)
        return connections
    }

    // MARK: Observation

    /// What happened so far, the present connections included.
    var currentCounters: ConnectionCounters {
        var total = counters.withLock { $0 }
        for connection in machine.withLock({ $0.connections + $0.draining }) where !connection.isClosed {
            total += connection.counters
        }
        return total
    }

    private var metadata: Logger.Metadata { ["server": "\(server.label)"] }

    /// What those are told who chose a connection in the moment in which it retired; they go to another one.
    private static let retired = MemcachedError(
        .connectionLost,
        "the connection was old, or idle for too long, and is being closed",
        outcome: .notSent
    )
}
