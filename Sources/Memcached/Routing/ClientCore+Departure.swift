import MemcachedWire
import NIOCore

/// A request that finds everything as it should be: its server is up and a connection is ready.
///
/// Nothing is waited for before it is sent, and its answer needs no second look, so it takes few steps. What does not
/// find things so, or ends otherwise, goes the long way of ``ClientCore/response(to:at:deadline:late:distrust:after:)``.
struct Departure: Sendable {
    let topology: Topology
    /// Of the server in the topology.
    let index: Int
    let connection: Connection
    /// When its attempt began.
    let began: NIODeadline
    let deadline: NIODeadline

    /// Holds the server's connections while it lasts, though the server may leave the topology meanwhile.
    var pool: ServerPool { topology.members[index].pool }

    /// The same as the long way has it.
    var turn: Turn {
        Turn(
            index: index,
            endpoint: topology.members[index].endpoint,
            admission: .open,
            deadline: deadline,
            isShortened: false
        )
    }
}

/// The first attempt of an operation, made before it took the long way.
struct FirstAttempt<Value: Sendable>: Sendable {
    let departure: Departure
    let outcome: Connection.Outcome<Value>
}

extension ClientCore {
    /// Sends a request to the server of its key, or to another that takes its place.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - key: Its key, as the user gave it.
    ///   - group: The key that decides about the server instead.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The response, whatever its status, and the pool that it came from.
    /// - Throws: ``MemcachedError``.
    @inline(__always)
    func response(
        to request: Request,
        for key: MemcachedKey,
        routedBy group: MemcachedKey?,
        timeout: Duration?
    ) async throws(MemcachedError) -> (Response, ServerPool) {
        let now = NIODeadline.now()
        let deadline = deadline(timeout, now: now)
        guard
            request.value == nil || configuration.limits.item != .asServerSays,
            let departure = departure(
                isRead: request.isRead,
                deadline: deadline,
                now: now,
                { $0.home(of: group ?? request.key ?? key) }
            )
        else {
            return try await response(to: request, at: .key(group ?? request.key ?? key), deadline: deadline)
        }
        let outcome = await departure.connection.send(request, deadline: deadline, now: now)
        // Taken apart and not copied.
        let left: Connection.Outcome<Result<Response, MemcachedError>>
        switch consume outcome {
        case .finished(.success(let response)):
            if isSettled(response, to: request, departure) { return (response, departure.pool) }
            left = .finished(.success(response))
        case .finished(.failure(let error)): left = .finished(.failure(error))
        case .full: left = .full
        }
        return try await goOn(request, at: .key(group ?? request.key ?? key), deadline: deadline, departure, left)
    }

    /// Reads a key.
    ///
    /// - Parameters:
    ///   - key: The key, as the user gave it.
    ///   - group: The key that decides about the server instead.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The hit and the pool that it came from; nil for a miss.
    /// - Throws: ``MemcachedError``.
    @inline(__always)
    func hit(
        of key: MemcachedKey,
        routedBy group: MemcachedKey?,
        timeout: Duration?
    ) async throws(MemcachedError) -> (Response, ServerPool)? {
        let request = try request(.get, key)
        let (response, pool) = try await response(to: request, for: key, routedBy: group, timeout: timeout)
        return try hit(response, .get, pool).map { ($0, pool) }
    }

    /// Stores an item, whether one is there or not.
    ///
    /// - Parameters:
    ///   - payload: What to store.
    ///   - key: The key, as the user gave it.
    ///   - expiration: When the item shall go.
    ///   - group: The key that decides about the server instead.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The item's new CAS; nil when the server keeps none.
    /// - Throws: ``MemcachedError``.
    @inline(__always)
    func store(
        _ payload: MemcachedPayload,
        as key: MemcachedKey,
        expiring expiration: MemcachedExpiration,
        routedBy group: MemcachedKey?,
        timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedCAS? {
        let request = try request(
            .set,
            key,
            extras: .store(flags: payload.flags, expiration: expiration.wireValue()),
            value: payload.bytes
        )
        let (response, pool) = try await response(to: request, for: key, routedBy: group, timeout: timeout)
        try requireSuccess(response, .set, pool)
        return response.casToken
    }

    /// Apart, so that the usual way is not weighed down by it.
    @inline(never)
    private func goOn(
        _ request: Request,
        at destination: Destination,
        deadline: NIODeadline,
        _ departure: Departure,
        _ outcome: Connection.Outcome<Result<Response, MemcachedError>>
    ) async throws(MemcachedError) -> (Response, ServerPool) {
        let attempt = FirstAttempt(departure: departure, outcome: outcome)
        return try await response(to: request, at: destination, deadline: deadline, after: attempt)
    }

    /// Sends several requests in one flight to one server, or to another that takes its place.
    ///
    /// - Parameters:
    ///   - requests: What to send.
    ///   - destination: What decides about the server of each.
    ///   - timeout: How long all of it may take; nil for the configured time.
    ///   - late: Makes, for a server, who hears of a response that comes after its caller had gone.
    /// - Returns: The responses and the pool that they came from; nil, with nothing sent, when they do not all go to
    ///   one server.
    /// - Throws: ``MemcachedError`` when there is no server to send to.
    func responses(
        to requests: [Request],
        at destination: (Int) -> Destination,
        timeout: Duration?,
        late: (ServerPool) -> Connection.LateHandler?
    ) async throws(MemcachedError) -> (GroupResponses, ServerPool)? {
        let now = NIODeadline.now()
        let deadline = deadline(timeout, now: now)
        let isRead = requests.allSatisfy(\.isRead)
        let ready = departure(isRead: isRead, deadline: deadline, now: now) {
            $0.home(ofAll: requests.count, at: destination)
        }
        guard let departure = ready else {
            return try await responses(
                to: requests,
                at: requests.indices.map(destination),
                deadline: deadline,
                late: late
            )
        }
        let outcome = await departure.connection.send(
            requests,
            expecting: .sequence(Opcodes(requests.map(\.opcode))),
            deadline: deadline,
            late: late(departure.pool)
        )
        if case .finished(var group) = outcome, isSettled(group, to: requests, departure) {
            group.connection = departure.connection
            return (group, departure.pool)
        }
        return try await responses(
            to: requests,
            at: requests.indices.map(destination),
            deadline: deadline,
            late: late,
            after: FirstAttempt(departure: departure, outcome: outcome)
        )
    }

    /// Prepares an operation to be sent at once.
    ///
    /// - Parameters:
    ///   - isRead: Whether sending it twice is as good as once.
    ///   - deadline: For all of it.
    ///   - now: The time.
    ///   - home: The index of its server in a topology; nil for the long way.
    /// - Returns: Where to send it; nil for the long way.
    @inline(__always)
    func departure(
        isRead: Bool,
        deadline: NIODeadline,
        now: NIODeadline,
        _ home: (Topology) -> Int?
    ) -> Departure? {
        guard
            now < deadline, discovery?.isResolved ?? true,
            // Such a read has half of its time for each try but the last.
            configuration.tries == nil || !isRead
        else { return nil }
        let topology = keeper.topology
        guard
            let index = home(topology),
            let connection = topology.members[index].pool.readyConnectionOfServerThatIsUp
        else { return nil }
        return Departure(topology: topology, index: index, connection: connection, began: now, deadline: deadline)
    }

    /// Whether an attempt was a success in every respect; then the server's health has been told.
    private func isSettled(_ response: Response, to request: Request, _ departure: Departure) -> Bool {
        let verdict = OperationVerdict(response.status, isAboutKey: request.isAboutKey)
        guard case .answered = verdict else { return false }
        departure.pool.health.ended(verdict, began: departure.began, isProbe: false)
        return true
    }

    /// The same for several requests.
    private func isSettled(_ group: GroupResponses, to requests: [Request], _ departure: Departure) -> Bool {
        guard group.error == nil else { return false }
        for response in group.responses {
            guard let response, case .answered = OperationVerdict(response.status, isAboutKey: false) else {
                return false
            }
        }
        let isAboutKey = requests.contains(where: \.isAboutKey)
        departure.pool.health.ended(.answered(isAboutKey: isAboutKey), began: departure.began, isProbe: false)
        return true
    }
}

extension ServerPool {
    /// A connection without waiting, if the server is not down and nobody observes it: who does is told on the long way.
    fileprivate var readyConnectionOfServerThatIsUp: Connection? {
        isDown || observer != nil ? nil : readyConnection
    }
}

extension Topology {
    /// The index of the server that an operation goes to as long as that is up; nil where there is more to it.
    func home(of key: @autoclosure () -> MemcachedKey) -> Int? {
        guard router.rule != .equivalent, router.remaining == nil else { return nil }
        return members.count == 1 ? 0 : index(of: key())
    }

    /// The index of the server that all of several keys have as long as that is up; nil where there is more to it.
    func home(ofAll keys: some Sequence<MemcachedKey>) -> Int? {
        guard router.rule != .equivalent, router.remaining == nil else { return nil }
        if members.count == 1 { return 0 }
        var home: Int?
        for key in keys {
            let index = index(of: key)
            guard home == nil || home == index else { return nil }
            home = index
        }
        return home
    }

    /// The index of the server that all of several requests go to as long as that is up; nil where there is more to it.
    fileprivate func home(ofAll count: Int, at destination: (Int) -> Destination) -> Int? {
        guard router.rule != .equivalent, router.remaining == nil else { return nil }
        if members.count == 1 { return 0 }
        var home: Int?
        for number in 0..<count {
            let index =
                switch destination(number) {
                case .server(let index, _) where members.indices.contains(index): index
                case .key(let key), .server(_, otherwise: let key): self.index(of: key)
                }
            guard home == nil || home == index else { return nil }
            home = index
        }
        return home
    }
}
