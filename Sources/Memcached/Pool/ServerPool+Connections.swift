import Logging
import NIOCore
import Synchronization

/// How connections come and go.
extension ServerPool {
    /// The connections are busy: makes another one if that helps.
    func grow(_ lane: ConnectionLane) {
        guard lane.machine.withLock({ $0.grow(now: .now()) }) else { return }
        connect(lane)
    }

    /// Makes the attempt that the machine has noted.
    func connect(_ lane: ConnectionLane) {
        let now = NIODeadline.now()
        let turn = limiter.turn(isAuthenticating: authenticates, now: now)
        guard turn > now else { return attempt(lane) }
        logger.debug("waiting for a turn to connect", metadata: metadata)
        lane.awaitsTurn = true
        // A task on a loop that nobody shuts down; it ends with the attempt.
        timerLoop.scheduleTask(deadline: turn) {
            lane.awaitsTurn = false
            self.attempt(lane)
        }
    }

    private func attempt(_ lane: ConnectionLane) {
        let (isShutDown, isFirst) = lane.machine.withLock { ($0.isShutDown, $0.connections.isEmpty) }
        guard !isShutDown else { return }
        logger.debug("connecting", metadata: metadata)
        let began = NIODeadline.now()
        // They hold the pool, and the pool holds connections, until it is shut down: see ``ServerPool``.
        let observer = Connection.Observer(
            lane: lane.index,
            isAlone: !lane.hasSeveral,
            didClose: { connection, error in self.closed(connection, error, began: began) },
            hasRoom: { connection, room in self.hasRoom(connection, room) }
        )
        // Who could use another connection, or waits for one that answers, gets one that has answered.
        let loop = lane.loopForConnection
        connector.connect(on: loop, isConfirming: !isFirst, observer: observer) { result in
            self.observer?.metrics?.connectionMade(in: .now() - began, result)
            switch result {
            case .success(let connection): self.connected(connection)
            case .failure(let error): self.connectFailed(error, lane, began: began)
            }
        }
    }

    private func connected(_ connection: Connection) {
        counters.withLock { $0.connections += 1 }
        let lane = lane(of: connection)
        let (release, retired, connect, isWanted) = lane.machine.withLock { $0.connected(connection) }
        guard isWanted else { return connection.end(.shutDown) }
        logger.debug("connected", metadata: metadata)
        observer?.publish(self)
        perform(release)
        if let retired { retire(retired) }
        if connect { self.connect(lane) }
        replaceOutdated(now: .now())
        if let next = upkeep.duty(connection.facts, now: .now()).next { arm(at: next) }
        // It may have ended before the pool knew it.
        if connection.isClosed { forget(connection) }
    }

    private func connectFailed(_ error: MemcachedError, _ lane: ConnectionLane, began: NIODeadline) {
        counters.withLock { $0.failedConnections += 1 }
        observer?.publish(self)
        var metadata = metadata
        metadata["error"] = "\(error)"
        logger.debug("no connection", metadata: metadata)
        // Before those who wait are told, so that they find the server as it is. While another connection works it is
        // not down, however few more it takes.
        if !isServed { health.connectFailed(error, began: began) }
        perform(lane.machine.withLock { $0.connectFailed(error, now: .now(), jitter: .random(in: 0...1)) })
    }

    private func closed(_ connection: Connection, _ error: MemcachedError, began: NIODeadline) {
        let last = connection.counters
        counters.withLock { $0 += last }
        var metadata = metadata
        metadata["error"] = "\(error)"
        logger.debug("connection closed", metadata: metadata)
        let lane = lane(of: connection)
        let connect = lane.machine.withLock { $0.connectionClosed(connection).connect }
        observer?.publish(self)
        if connection.hasAnswered, error.code == .clientShutDown { limiter.giveBack(isAuthenticating: authenticates) }
        // A server that accepts and closes at once is no better than one that does not accept.
        if !connection.hasAnswered, !connection.isDraining, error.code != .clientShutDown, !isServed {
            health.connectFailed(error, began: began)
        }
        if connect { self.connect(lane) }
    }

    /// Forgets a connection that turned out to have ended, should the pool not know yet.
    func forget(_ connection: Connection) {
        guard connection.isClosed else { return }
        let lane = lane(of: connection)
        if lane.machine.withLock({ $0.connectionClosed(connection).connect }) { connect(lane) }
    }

    private func retire(_ connection: Connection) {
        connection.beginDraining(within: max(connector.timeout, connector.operationTimeout), Self.retired)
    }

    // MARK: Upkeep

    /// Sees to age and idleness.
    ///
    /// On the timer's loop.
    ///
    /// - Returns: When to come again.
    func keepUp(_ lane: ConnectionLane, now: NIODeadline) -> NIODeadline? {
        var next: NIODeadline?
        var old: [Connection] = []
        for connection in lane.machine.withLock({ $0.connections }) {
            let (duty, again) = upkeep.duty(connection.facts, now: now)
            next = [next, again].compactMap(\.self).min()
            switch duty {
            case .none: break
            case .keepAlive: connection.sendKeepAlive(patience: operationTimeout)
            case .close: if lane.machine.withLock({ $0.release(connection) }) { retire(connection) }
            case .replace: old.append(connection)
            }
        }
        let again = replace(on: lane, now: now) { connection in old.contains { $0 === connection } }
        return [next, again].compactMap(\.self).min()
    }

    /// Replaces connections that were made with credentials that have changed since, one after the other.
    func replaceOutdated(now: NIODeadline) {
        let current = connector.authenticator.generation
        for lane in lanes {
            let again = replace(on: lane, now: now) { $0.credentialsGeneration < current }
            if let again { arm(at: again) }
        }
    }

    /// Replaces all connections, one after the other, without failing anything: credentials or addresses have changed.
    func renew() {
        for lane in lanes {
            if let again = replace(on: lane, now: .now(), where: { _ in true }) { arm(at: again) }
        }
    }

    /// - Returns: When to come again, because not all have been replaced.
    private func replace(
        on lane: ConnectionLane,
        now: NIODeadline,
        where isDue: (Connection) -> Bool
    ) -> NIODeadline? {
        let (connect, isRetiring) = lane.machine.withLock { machine in
            (machine.retire(where: isDue, now: now), machine.isRetiring)
        }
        if connect { self.connect(lane) }
        return isRetiring ? now + .seconds(1) : nil
    }

    /// Makes as many connections as there may be for callers like this one.
    ///
    /// - Throws: ``MemcachedError`` with nothing sent.
    func warmUp(deadline: NIODeadline) async throws(MemcachedError) {
        let lane = lane
        _ = try await connection(deadline: deadline, on: lane)
        while lane.machine.withLock({ $0.hasSpace }) {
            _ = try await connection(wantsAnother: true, deadline: deadline, on: lane)
        }
    }

    // MARK: The end

    /// Lets nobody in any more.
    ///
    /// - Returns: The connections that may still have requests in flight.
    func shutDown() -> [Connection] {
        var all: [Connection] = []
        for lane in lanes {
            let (release, connections) = lane.machine.withLock { $0.shutDown() }
            perform(release)
            all += connections
        }
        timerLoop.execute {
            self.timer.value?.cancel()
            self.timer.value = nil
        }
        return all
    }

    // MARK: Observation

    /// What happened so far, the present connections included.
    var currentCounters: ConnectionCounters {
        var total = counters.withLock { $0 }
        for lane in lanes {
            for connection in lane.machine.withLock({ $0.connections + $0.draining }) where !connection.isClosed {
                total += connection.counters
            }
        }
        return total
    }

    /// How many connections there are, those included that end when what is in flight on them has been answered.
    var connectionCount: Int {
        lanes.reduce(0) { $0 + $1.machine.withLock { $0.connections.count + $0.draining.count } }
    }

    private var metadata: Logger.Metadata { ["server": "\(server.label)"] }

    /// What those are told who chose a connection in the moment in which it retired; they go to another one.
    private static let retired = MemcachedError(
        .connectionLost,
        "the connection was old, or idle for too long, and is being closed",
        outcome: .notSent
    )
}
