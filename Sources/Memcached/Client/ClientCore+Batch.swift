import MemcachedWire
import NIOCore

/// How the responses of a batch are asked for.
enum BatchStyle: Sendable {
    /// Quiet requests and a closing NOOP: silence is the usual answer.
    case quiet
    /// A response for each request.
    case answered

    func expectation(_ opcodes: Opcodes) -> Expectation {
        switch self {
        case .quiet: .quiet(opcodes)
        case .answered: .sequence(opcodes)
        }
    }
}

extension ClientCore {
    /// One server's share of a batch.
    ///
    /// - Parameters:
    ///   - positions: What goes there.
    ///   - plan: The batch.
    ///   - turn: The server.
    ///   - style: Whether silence is an answer.
    ///   - arrival: Told of each response as it comes.
    ///   - first: What became of the first window so far.
    ///   - interpret: Makes the outcome of a response; nil is the silence of a quiet request.
    /// - Returns: An outcome for every position, in their order.
    func share<Value: Sendable>(
        _ positions: [Int],
        of plan: BatchPlan,
        at turn: Turn,
        _ style: BatchStyle,
        _ arrival: Flight.Arrival?,
        after first: FirstAttempt<GroupResponses>? = nil,
        interpret: (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> Outcomes<Value> {
        let pool = turn.pool
        var outcomes: Outcomes<Value> = []
        outcomes.reserveCapacity(positions.count)
        var refused: [Int: MemcachedError] = [:]
        let taken = await refuseTooLarge(positions, of: plan, at: pool, deadline: turn.deadline) { refused[$0] = $1 }
        var admission: ServerPool.Admission? = turn.admission
        var first = first
        for window in plan.windows(of: taken) {
            let group = await responses(
                of: Flight(window, of: plan, style, deadline: turn.deadline, arrival: arrival),
                from: pool,
                deadline: turn.deadline,
                admission: admission,
                isShortened: turn.isShortened,
                after: first
            )
            // Each further window asks for itself.
            admission = nil
            first = nil
            let error = group.error?.with(operation: plan.opcode.description)
            for response in group.responses {
                if response == nil, let error {
                    outcomes.append(.failure(error))
                } else {
                    outcomes.append(
                        Result { () throws(MemcachedError) in try interpret(response, plan.opcode, pool) }
                    )
                }
            }
        }
        guard !refused.isEmpty else { return outcomes }
        var answered = outcomes.makeIterator()
        return positions.compactMap { refused[$0].map { .failure($0) } ?? answered.next() }
    }

    /// The requests that the server may take, where it is known how large an item may be.
    private func refuseTooLarge(
        _ positions: [Int],
        of plan: BatchPlan,
        at pool: ServerPool,
        deadline: NIODeadline,
        refuse: (Int, MemcachedError) -> Void
    ) async -> [Int] {
        guard
            configuration.limits.item == .asServerSays, plan.hasValues,
            let limit = await itemLimit(of: pool, deadline: deadline)
        else { return positions }
        return positions.filter { position in
            do throws(MemcachedError) {
                try check(plan.request(position), against: limit)
                return true
            } catch {
                refuse(position, error)
                return false
            }
        }
    }
}
