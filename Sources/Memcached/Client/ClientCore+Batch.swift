import MemcachedWire
import NIOCore

/// How the responses of a batch are asked for.
enum BatchStyle: Sendable {
    /// Quiet requests and a closing NOOP: silence is the usual answer.
    case quiet
    /// A response for each request.
    case answered

    func expectation(_ opcodes: [Opcode]) -> Expectation {
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
    ///   - share: What goes there.
    ///   - turn: The server.
    ///   - style: Whether silence is an answer.
    ///   - interpret: Makes the outcome of a response; nil is the silence of a quiet request.
    /// - Returns: An outcome for every entry, in their order.
    func share<Value: Sendable>(
        _ share: [BatchPlan.Entry],
        at turn: Turn,
        _ style: BatchStyle,
        interpret: (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> Outcomes<Value> {
        let pool = turn.pool
        var outcomes: Outcomes<Value> = []
        outcomes.reserveCapacity(share.count)
        var refused: [Int: MemcachedError] = [:]
        let taken = await refuseTooLarge(share, of: pool, deadline: turn.deadline) { refused[$0] = $1 }
        var admission: ServerPool.Admission? = turn.admission
        for window in BatchPlan.windows(of: taken) {
            let group = await send(window, at: turn, style, admission: admission)
            // Each further window asks for itself.
            admission = nil
            for (entry, response) in zip(window, group.responses) {
                outcomes.append(outcome(of: entry, response, group.error, pool, interpret))
            }
        }
        guard !refused.isEmpty else { return outcomes }
        var answered = outcomes.makeIterator()
        return share.compactMap { refused[$0.position].map { .failure($0) } ?? answered.next() }
    }

    /// The entries that the server may take, where it is known how large an item may be.
    private func refuseTooLarge(
        _ share: [BatchPlan.Entry],
        of pool: ServerPool,
        deadline: NIODeadline,
        refuse: (Int, MemcachedError) -> Void
    ) async -> [BatchPlan.Entry] {
        guard
            configuration.limits.item == .asServerSays, share.contains(where: { $0.request.value != nil }),
            let limit = await itemLimit(of: pool, deadline: deadline)
        else { return share }
        return share.filter { entry in
            do throws(MemcachedError) {
                try check(entry.request, against: limit)
                return true
            } catch {
                refuse(entry.position, error)
                return false
            }
        }
    }

    /// Sends one window.
    private func send(
        _ window: ArraySlice<BatchPlan.Entry>,
        at turn: Turn,
        _ style: BatchStyle,
        admission: ServerPool.Admission?
    ) async -> GroupResponses {
        let requests = window.map(\.request)
        return await responses(
            to: requests,
            expecting: style.expectation(requests.map(\.opcode)),
            from: turn.pool,
            deadline: turn.deadline,
            admission: admission,
            isShortened: turn.isShortened
        )
    }

    /// The outcome of one entry: of its response, or of its silence if nothing cut the window short.
    func outcome<Value>(
        of entry: BatchPlan.Entry,
        _ response: Response?,
        _ error: MemcachedError?,
        _ pool: ServerPool,
        _ interpret: (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) -> Result<Value, MemcachedError> {
        if response == nil, let error { return .failure(error.with(operation: entry.request.opcode.description)) }
        do throws(MemcachedError) {
            return .success(try interpret(response, entry.request.opcode, pool))
        } catch {
            return .failure(error)
        }
    }
}
