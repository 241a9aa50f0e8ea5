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
struct FirstAttempt: Sendable {
    let departure: Departure
    let outcome: Connection.Outcome<Result<Response, MemcachedError>>
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
        let decisive = group ?? request.key ?? key
        guard let departure = departure(of: request, placedBy: decisive, deadline: deadline, now: now) else {
            return try await response(to: request, at: .key(decisive), deadline: deadline)
        }
        let outcome = await departure.connection.send(request, deadline: deadline, now: now)
        if case .finished(.success(let response)) = outcome, isSettled(response, to: request, departure) {
            return (response, departure.pool)
        }
        let attempt = FirstAttempt(departure: departure, outcome: outcome)
        return try await response(to: request, at: .key(decisive), deadline: deadline, after: attempt)
    }

    /// Prepares a request to be sent at once.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - key: The key that decides about the server.
    ///   - deadline: For all of it.
    ///   - now: The time.
    /// - Returns: Where to send it; nil for the long way.
    private func departure(
        of request: Request,
        placedBy key: MemcachedKey,
        deadline: NIODeadline,
        now: NIODeadline
    ) -> Departure? {
        guard
            now < deadline, discovery?.isResolved ?? true,
            request.value == nil || configuration.limits.item != .asServerSays,
            // Such a read has half of its time for each try but the last.
            configuration.tries == nil || !request.isRead
        else { return nil }
        let topology = keeper.topology
        guard
            let index = topology.home(of: key),
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
}

extension ServerPool {
    /// A connection without waiting, if the server is not down and nobody observes it: who does is told on the long way.
    fileprivate var readyConnectionOfServerThatIsUp: Connection? {
        isDown || observer != nil ? nil : readyConnection
    }
}

extension Topology {
    /// The index of the server that an operation goes to as long as that is up; nil where there is more to it.
    fileprivate func home(of key: MemcachedKey) -> Int? {
        guard router.rule != .equivalent, router.remaining == nil else { return nil }
        return members.count == 1 ? 0 : index(of: key)
    }
}
