import Logging
import MemcachedWire
import NIOCore

extension ClientCore {
    /// Sends a request to a server, or to another that takes its place.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - destination: What decides about the server.
    ///   - deadline: For all of it.
    ///   - late: Makes, for a server, who hears of a response that comes after its caller had gone.
    ///   - distrust: Tells of a response that cannot be the right one; its connection is closed then.
    ///   - first: What became of it so far.
    /// - Returns: The response, whatever its status, and the pool that it came from.
    /// - Throws: ``MemcachedError``.
    func response(
        to request: Request,
        at destination: Destination,
        deadline: NIODeadline,
        late: ((ServerPool) -> Connection.LateHandler?)? = nil,
        distrust: ((Response, ServerPool) -> MemcachedError?)? = nil,
        after first: FirstAttempt<Result<Response, MemcachedError>>? = nil
    ) async throws(MemcachedError) -> (Response, ServerPool) {
        var first = first
        let topology =
            if let first { first.departure.topology } else { try await topology(by: deadline) }
        var search = Search(topology, deadline: deadline)
        while true {
            let attempt = first
            first = nil
            let turn: Turn
            do throws(MemcachedError) {
                turn =
                    if let attempt {
                        attempt.departure.turn
                    } else {
                        try search.turn(for: destination, isRead: request.isRead)
                    }
            } catch {
                noteRefusal(of: [request], error)
                throw error.with(operation: request.opcode.description)
            }
            do throws(MemcachedError) {
                let response = try await visit(turn, probing: request) {
                    turn async throws(MemcachedError) -> Response in
                    try await self.response(
                        to: request,
                        from: turn.pool,
                        deadline: turn.deadline,
                        admission: turn.admission,
                        isShortened: turn.isShortened,
                        late: late?(turn.pool),
                        distrust: distrust.map { distrust in { distrust($0, turn.pool) } },
                        after: attempt
                    )
                }
                return (response, turn.pool)
            } catch {
                // Refused before anything was sent, by its size: the server was not asked.
                if error.code == .valueTooLarge, error.outcome == .notSent { turn.giveBack() }
                guard search.goesOn(after: error, at: turn, isRead: request.isRead) else { throw error }
                search.pass([turn], error, present: self.topology)
                if let pause = search.pause() { try? await Task.sleep(for: pause) }
            }
        }
    }

    /// Sends several requests in one flight to one server.
    ///
    /// - Parameters:
    ///   - requests: What to send.
    ///   - destinations: What decides about the server of each; at least one.
    ///   - deadline: For all of it.
    ///   - late: Makes, for a server, who hears of a response that comes after its caller had gone.
    ///   - first: What became of it so far.
    /// - Returns: The responses and the pool that they came from; nil, with nothing sent, when they do not all go to
    ///   one server.
    /// - Throws: ``MemcachedError`` when there is no server to send to.
    func responses(
        to requests: [Request],
        at destinations: [Destination],
        deadline: NIODeadline,
        late: (ServerPool) -> Connection.LateHandler?,
        after first: FirstAttempt<GroupResponses>? = nil
    ) async throws(MemcachedError) -> (GroupResponses, ServerPool)? {
        let isRead = requests.allSatisfy(\.isRead)
        var first = first
        let topology =
            if let first { first.departure.topology } else { try await topology(by: deadline) }
        var search = Search(topology, deadline: deadline)
        while true {
            let attempt = first
            first = nil
            let next: Turn?
            do throws(MemcachedError) {
                next =
                    if let attempt {
                        attempt.departure.turn
                    } else {
                        try search.turn(forAll: destinations, isRead: isRead)
                    }
            } catch {
                noteRefusal(of: requests, error)
                throw error
            }
            guard let turn = next else { return nil }
            let late = late(turn.pool)
            var group: GroupResponses
            do throws(MemcachedError) {
                group = try await visit(turn, probing: requests.first { !$0.isRead }) {
                    turn async throws(MemcachedError) -> GroupResponses in
                    await responses(
                        of: Flight(
                            requests,
                            expecting: .sequence(Opcodes(requests.map(\.opcode))),
                            deadline: turn.deadline,
                            late: late
                        ),
                        from: turn.pool,
                        deadline: turn.deadline,
                        admission: turn.admission,
                        isShortened: turn.isShortened,
                        after: attempt
                    )
                }
            } catch {
                group = GroupResponses(responses: Array(repeating: nil, count: requests.count), error: error)
            }
            // What has answered in part is not begun anew elsewhere.
            guard
                let error = group.error, group.responses.allSatisfy({ $0 == nil }),
                search.goesOn(after: error, at: turn, isRead: isRead)
            else { return (group, turn.pool) }
            search.pass([turn], error, present: self.topology)
            if let pause = search.pause() { try? await Task.sleep(for: pause) }
        }
    }

    /// Lets an operation use a server: counts it, and keeps the server's connections while it lasts, though the server
    /// may leave the topology meanwhile.
    ///
    /// - Parameters:
    ///   - turn: Where the operation goes.
    ///   - request: What it would send; of several the one that matters most, should its answer be lost.
    ///   - body: The operation.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws; or, with nothing sent of the operation, that the server is still down.
    func visit<Value: Sendable>(
        _ turn: Turn,
        probing request: Request?,
        _ body: (Turn) async throws(MemcachedError) -> Value
    ) async throws(MemcachedError) -> Value {
        let endpoint = turn.endpoint
        // One place in memory for all tasks: only where somebody looks at it.
        let isCounted = configuration.placement == .equivalent
        if isCounted { endpoint.begin() }
        defer {
            if isCounted { endpoint.end() }
            withExtendedLifetime(endpoint) {}
        }
        guard case .probe = turn.admission else { return try await body(turn) }
        var turn = turn
        do throws(MemcachedError) {
            try await empty(&turn)
            try await probe(&turn, request)
        } catch {
            throw error.with(outcome: .notSent)
        }
        return try await body(turn)
    }

    /// Empties a server that comes back after a long time, if it is to be.
    private func empty(_ turn: inout Turn) async throws(MemcachedError) {
        guard
            // Behind equivalent servers is one cache, which has been in use all the time.
            configuration.placement != .equivalent,
            let limit = configuration.failures.flushesReturningServersAfter,
            let failing = turn.pool.health.current.failing,
            NIODeadline.now() - failing.since >= TimeAmount(clamping: limit)
        else { return }
        try requireSuccess(try await ask(Request(opcode: .flush), &turn), .flush, turn.pool)
        configuration.logger.info(
            "server emptied, because it comes back after a long time",
            metadata: ["server": "\(turn.pool.server.label)"]
        )
    }

    /// Reads the key of an operation that must not be lost, before that goes to a server that may still be down.
    private func probe(_ turn: inout Turn, _ request: Request?) async throws(MemcachedError) {
        guard case .probe = turn.admission, let request, !request.isRead else { return }
        _ = try await ask(Request(opcode: .get, namespace: request.namespace, key: request.key), &turn)
    }

    /// Asks a server that may still be down, and for admission anew.
    private func ask(_ request: Request, _ turn: inout Turn) async throws(MemcachedError) -> Response {
        let response = try await response(
            to: request,
            from: turn.pool,
            deadline: turn.deadline,
            admission: turn.admission,
            isShortened: turn.isShortened
        )
        turn.admission = turn.pool.admission(now: .now())
        if case .down(let error) = turn.admission { throw error }
        return response
    }
}

extension Search {
    /// The next server for several requests; nil when they do not all go to one.
    fileprivate func turn(forAll destinations: [Destination], isRead: Bool) throws(MemcachedError) -> Turn? {
        guard let first = destinations.first else { return nil }
        let servers = CommonConditions(topology)
        let turn = try turn(for: first, isRead: isRead, servers)
        guard topology.router.rule != .equivalent else { return turn }
        for destination in destinations.dropFirst() {
            let other: Turn
            do throws(MemcachedError) {
                other = try self.turn(for: destination, isRead: isRead, servers)
            } catch {
                turn.giveBack()
                return nil
            }
            guard other.index == turn.index else {
                turn.giveBack()
                other.giveBack()
                return nil
            }
        }
        return turn
    }
}
