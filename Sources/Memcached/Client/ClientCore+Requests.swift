import MemcachedWire
import NIOCore

extension ClientCore {
    /// How often a request that never left is tried again on another connection.
    private static let attempts = 4

    /// Sends a request to a server and returns its response, whatever its status.
    ///
    /// What never left is tried again on another connection; what left only if it is a read.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - pool: To which server.
    ///   - deadline: Until when to wait.
    ///   - admission: What ``ServerPool/admission(now:)`` said; nil to have it asked.
    ///   - isShortened: Whether the deadline leaves half of the operation's time for another server.
    ///   - late: Called with a response that came when the caller had gone.
    ///   - distrust: Tells of a response that cannot be the right one; its connection is closed then.
    ///   - pauses: How often a read may be tried again that the server is too busy for.
    ///   - first: What became of it so far.
    /// - Returns: The response.
    /// - Throws: ``MemcachedError`` when there is none.
    func response(
        to request: Request,
        from pool: ServerPool,
        deadline: NIODeadline,
        admission: ServerPool.Admission? = nil,
        isShortened: Bool = false,
        late: Connection.LateHandler? = nil,
        distrust: ((Response) -> MemcachedError?)? = nil,
        pauses: Int = ClientCore.pauses,
        after first: FirstAttempt<Result<Response, MemcachedError>>? = nil
    ) async throws(MemcachedError) -> Response {
        if configuration.limits.item == .asServerSays, request.value != nil {
            if let limit = await itemLimit(of: pool, deadline: deadline) {
                try check(request, against: limit)
            }
        }
        let observation = pool.observer?.begin(request)
        let result = await run(
            on: pool,
            deadline: deadline,
            admission: admission,
            isShortened: isShortened,
            isRepeatable: request.isRead && configuration.tries == nil,
            isAboutKey: request.isAboutKey,
            after: first
        ) { connection in
            await connection.send(request, deadline: deadline, late: late)
        } reading: { result in
            switch result {
            case .success(let response): Reading(status: response.status)
            case .failure(let error): Reading(error: error)
            }
        }
        let response: Response
        do throws(MemcachedError) {
            let answer = try result.get()
            response = try answer.value.get()
            if let error = distrust?(response) {
                answer.connection.poison(error)
                throw error
            }
            observation?.end(response, pool)
        } catch {
            observation?.end(error, pool)
            throw error.with(operation: request.opcode.description, server: pool.server.label)
        }
        guard response.isBusy, request.isRead, pauses > 0 else { return response }
        guard await rest(before: pauses, deadline) else { return response }
        return try await self.response(
            to: request,
            from: pool,
            deadline: deadline,
            late: late,
            distrust: distrust,
            pauses: pauses - 1
        )
    }

    /// How often a read is tried again that the server was too busy for.
    static let pauses = 3

    /// Leaves a server alone for a moment, as it asks to.
    ///
    /// - Returns: Whether there is time for it. A cancelled pause ends at once: the next attempt tells of it.
    private func rest(before remaining: Int, _ deadline: NIODeadline) async -> Bool {
        let pause = Duration.milliseconds(.random(in: 5...20)) * (Self.pauses - remaining + 1)
        guard NIODeadline.now() + TimeAmount(pause) < deadline else { return false }
        try? await Task.sleep(for: pause)
        return true
    }

    /// Sends several requests in one flight on one connection.
    ///
    /// - Parameters:
    ///   - flight: What to send.
    ///   - pool: To which server.
    ///   - deadline: Until when to wait.
    ///   - admission: What ``ServerPool/admission(now:)`` said; nil to have it asked.
    ///   - isShortened: Whether the deadline leaves half of the operation's time for another server.
    ///   - pauses: How often reads may be tried again that the server is too busy for.
    ///   - first: What became of it so far.
    /// - Returns: What came back, with the error that cut it short, if one did.
    func responses(
        of flight: Flight,
        from pool: ServerPool,
        deadline: NIODeadline,
        admission: ServerPool.Admission? = nil,
        isShortened: Bool = false,
        pauses: Int = ClientCore.pauses,
        after first: FirstAttempt<GroupResponses>? = nil
    ) async -> GroupResponses {
        let observation = pool.observer?.begin(flight.requests())
        let result = await run(
            on: pool,
            deadline: deadline,
            admission: admission,
            isShortened: isShortened,
            isRepeatable: flight.isRepeatable && configuration.tries == nil,
            isAboutKey: flight.isAboutKey,
            after: first,
            send: flight.send
        ) { group in
            if let error = group.error {
                Reading(error: error)
            } else {
                // The silence of quiet requests is an answer as well.
                Reading(status: group.responses.lazy.compactMap(\.self).first?.status ?? .success)
            }
        }
        var group: GroupResponses
        switch result {
        case .success(let (value, connection)):
            group = value
            group.connection = connection
        case .failure(let error):
            group = GroupResponses(responses: Array(repeating: nil, count: flight.positions), error: error)
        }
        observation?.end(group, flight.requests(), pool)
        if let error = group.error {
            group.error = error.with(operation: flight.opcode?.description, server: pool.server.label)
            return group
        }
        guard flight.isRepeatable, pauses > 0, group.responses.contains(where: { $0?.isBusy == true }),
            await rest(before: pauses, deadline)
        else { return group }
        return await responses(of: flight, from: pool, deadline: deadline, pauses: pauses - 1)
    }

    /// What became of an attempt: an error, or the status of a response.
    private struct Reading {
        var error: MemcachedError?
        var status = Status.success
    }

    /// Finds a connection and lets `send` use it; again with another one where that is safe.
    ///
    /// Tells the server's health of every attempt, and gives a probe's turn back on every way out.
    private func run<Value: Sendable>(
        on pool: ServerPool,
        deadline: NIODeadline,
        admission: ServerPool.Admission?,
        isShortened: Bool,
        isRepeatable: Bool,
        isAboutKey: Bool,
        after first: FirstAttempt<Value>? = nil,
        send: (Connection) async -> Connection.Outcome<Value>,
        reading: (Value) -> Reading
    ) async -> Result<(value: Value, connection: Connection), MemcachedError> {
        let isProbe: Bool
        switch admission ?? (pool.isDown ? pool.admission(now: .now()) : .open) {
        case .open: isProbe = false
        case .probe: isProbe = true
        case .down(let error): return .failure(error)
        }
        var full: Connection?
        var attempt = 1
        var first = first
        while true {
            let began = first?.departure.began ?? .now()
            let connection: Connection
            do throws(MemcachedError) {
                connection =
                    if let first {
                        first.departure.connection
                    } else {
                        try await self.connection(of: pool, insteadOf: full, began: began, deadline: deadline)
                    }
            } catch {
                // Who waited for this process's turn to connect has nothing to say of the server.
                let verdict = pool.awaitsTurn ? .none : verdict(on: error, began, deadline, isShortened)
                pool.health.ended(verdict, began: began, isProbe: isProbe)
                return .failure(error)
            }
            let outcome = if let first { first.outcome } else { await send(connection) }
            first = nil
            switch outcome {
            case .full:
                full = connection
            case .finished(let value):
                let reading = reading(value)
                guard let error = reading.error else {
                    let verdict = OperationVerdict(reading.status, isAboutKey: isAboutKey)
                    pool.health.ended(verdict, began: began, isProbe: isProbe)
                    return .success((value, connection))
                }
                pool.health.ended(verdict(on: error, began, deadline, isShortened), began: began, isProbe: isProbe)
                guard
                    attempt < Self.attempts, NIODeadline.now() < deadline, !pool.isDown,
                    Self.isWorthAnotherConnection(error, isRepeatable && attempt == 1)
                else { return .success((value, connection)) }
                attempt += 1
                full = nil
                pool.forget(connection)
            }
        }
    }

    private func verdict(
        on error: MemcachedError,
        _ began: NIODeadline,
        _ deadline: NIODeadline,
        _ isShortened: Bool
    ) -> OperationVerdict {
        let usual = configuration.timeouts.operation
        return OperationVerdict(
            error,
            patience: deadline - began,
            usual: TimeAmount(clamping: isShortened ? usual / 2 : usual)
        )
    }

    private func connection(
        of pool: ServerPool,
        insteadOf full: Connection?,
        began: NIODeadline,
        deadline: NIODeadline
    ) async throws(MemcachedError) -> Connection {
        if Task.isCancelled {
            throw MemcachedError(.cancelled, "the task was cancelled before its request was sent")
        }
        guard began < deadline else {
            throw MemcachedError(
                .timeout,
                full == nil
                    ? "the deadline had passed before the request was sent; nothing was sent"
                    : "the connection had no room in time; nothing was sent. Slow down"
            )
        }
        if full == nil, let ready = pool.readyConnection { return ready }
        return try await pool.connection(insteadOf: full, deadline: deadline)
    }

    /// Whether an operation may and should be tried on another connection.
    private static func isWorthAnotherConnection(_ error: MemcachedError, _ isRepeatable: Bool) -> Bool {
        switch error.code {
        case .connectionLost: error.outcome == .notSent || isRepeatable
        // The connection went because of somebody else's response.
        case .protocolViolation, .responseTooLarge: error.outcome == .notSent
        default: false
        }
    }
}
