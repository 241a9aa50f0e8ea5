import MemcachedWire
import NIOCore

/// A request that finds everything as it should be: its server is up and a connection is ready.
///
/// Nothing is waited for before it is sent, and its answer needs no second look, so it takes few steps. What does not
/// find things so, or ends otherwise, goes the long way of ``ClientCore/response(to:at:deadline:late:distrust:after:)``.
struct Departure: Sendable {
    let topology: Topology
    let turn: Turn
    let connection: Connection
    /// When its attempt began.
    let began: NIODeadline
}

/// The first attempt of an operation, made before it took the long way.
struct FirstAttempt: Sendable {
    let departure: Departure
    let outcome: Connection.Outcome<Result<Response, MemcachedError>>
}

extension ClientCore {
    /// Prepares a request to be sent at once.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - destination: What decides about the server.
    ///   - deadline: For all of it.
    /// - Returns: Where to send it; nil for the long way.
    func departure(of request: Request, to destination: Destination, deadline: NIODeadline) -> Departure? {
        guard
            discovery?.isResolved ?? true,
            request.value == nil || configuration.limits.item != .asServerSays,
            // Such a read has half of its time for each try but the last.
            configuration.tries == nil || !request.isRead
        else { return nil }
        let began = NIODeadline.now()
        let topology = keeper.topology
        guard
            began < deadline, !Task.isCancelled,
            let index = topology.home(of: destination),
            let connection = topology.members[index].pool.readyConnectionOfServerThatIsUp
        else { return nil }
        let endpoint = topology.members[index].endpoint
        return Departure(
            topology: topology,
            turn: Turn(index: index, endpoint: endpoint, admission: .open, deadline: deadline, isShortened: false),
            connection: connection,
            began: began
        )
    }

    /// Sends what is prepared.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - departure: Where to.
    ///   - deadline: For all of it.
    /// - Returns: The response if the attempt was a success in every respect; else what became of it.
    @inline(__always)
    func send(
        _ request: Request,
        _ departure: Departure,
        deadline: NIODeadline
    ) async -> (response: Response?, attempt: FirstAttempt?) {
        // The server's connections are kept while it lasts, though the server may leave the topology meanwhile.
        defer { withExtendedLifetime(departure.turn.endpoint) {} }
        let outcome = await departure.connection.send(request, deadline: deadline, now: departure.began)
        guard
            case .finished(.success(let response)) = outcome,
            case .answered(let isAboutKey) = OperationVerdict(response.status, isAboutKey: request.isAboutKey)
        else { return (nil, FirstAttempt(departure: departure, outcome: outcome)) }
        let verdict = OperationVerdict.answered(isAboutKey: isAboutKey)
        departure.turn.pool.health.ended(verdict, began: departure.began, isProbe: false)
        return (response, nil)
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
    fileprivate func home(of destination: Destination) -> Int? {
        guard router.rule != .equivalent, router.remaining == nil else { return nil }
        switch destination {
        case .server(let index, _) where members.indices.contains(index): return index
        case .key(let key), .server(_, otherwise: let key):
            return members.count == 1 ? 0 : index(of: key)
        }
    }
}
