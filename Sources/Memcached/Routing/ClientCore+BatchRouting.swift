import MemcachedWire
import NIOCore

extension ClientCore {
    /// How each entry of a batch ended, in their order.
    typealias Outcomes<Value> = [Result<Value, MemcachedError>]

    /// Carries out a batch: servers side by side, the windows of each one after the other.
    ///
    /// What a server could not take goes to another in a further round, as far as the rules of ``RetryRule`` allow.
    ///
    /// - Parameters:
    ///   - plan: What is to be done.
    ///   - style: Whether silence is an answer.
    ///   - deadline: For all of it.
    ///   - arrival: Told of each response as it comes, and of one again that is asked for again.
    ///   - first: What became of it so far, in one window at one server.
    ///   - interpret: Makes the outcome of a response; nil is the silence of a quiet request.
    /// - Returns: An outcome for every entry, in their order.
    func batch<Value: Sendable>(
        _ plan: BatchPlan,
        _ style: BatchStyle,
        deadline: NIODeadline,
        arrival: Flight.Arrival? = nil,
        after first: FirstAttempt<GroupResponses>? = nil,
        interpret: @escaping @Sendable (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> Outcomes<Value> {
        var first = first
        var search: Search
        do throws(MemcachedError) {
            let topology =
                if let first { first.departure.topology } else { try await topology(by: deadline) }
            search = Search(topology, deadline: deadline)
        } catch {
            let error = error.with(operation: plan.opcode.description)
            return plan.keys.map { _ in .failure(error) }
        }
        var positions = Array(plan.keys.indices)
        // Each of them is replaced: the loop ends when all have an outcome.
        var outcomes: Outcomes<Value> = []
        while !positions.isEmpty {
            let attempt = first
            first = nil
            let assignment =
                attempt.map { BatchAssignment(of: positions, at: $0.departure.turn) }
                ?? BatchAssignment(of: positions, in: plan, by: search)
            if !assignment.refused.isEmpty { noteRefusals(assignment.refused, of: plan) }
            let ended = await carryOut(
                assignment.shares,
                of: plan,
                style,
                arrival,
                after: attempt,
                interpret: interpret
            )
            // Usually there is one share, and that is all.
            if let (share, result) = ended.first, share.positions.count == plan.keys.count,
                result.allSatisfy(\.isSuccess)
            {
                return result
            }
            positions = settle(ended, of: plan, &outcomes, &search)
            for (position, error) in assignment.refused {
                outcomes[position] = .failure(error.with(operation: plan.opcode.description))
            }
            if !positions.isEmpty, let pause = search.pause() { try? await Task.sleep(for: pause) }
        }
        return outcomes
    }

    /// Notes how the shares of a round ended.
    ///
    /// - Returns: The positions that are to be tried elsewhere.
    private func settle<Value: Sendable>(
        _ ended: [(BatchAssignment.Share, Outcomes<Value>)],
        of plan: BatchPlan,
        _ outcomes: inout Outcomes<Value>,
        _ search: inout Search
    ) -> [Int] {
        if outcomes.isEmpty { outcomes = Array(repeating: .failure(.shutDown), count: plan.keys.count) }
        var left: [Int] = []
        var moved: (turns: [Turn], error: MemcachedError)?
        for (share, result) in ended {
            var failure: MemcachedError?
            for (position, outcome) in zip(share.positions, result) {
                if case .failure(let error) = outcome,
                    search.goesOn(after: error, at: share.turn, isRead: plan.isRead)
                {
                    failure = error
                    left.append(position)
                } else {
                    outcomes[position] = outcome
                }
            }
            if let failure { moved = ((moved?.turns ?? []) + [share.turn], failure) }
        }
        if let moved { search.pass(moved.turns, moved.error, present: topology) }
        return left
    }

    /// The positions of a plan by the servers that hold their keys.
    ///
    /// What is read in several steps is cut this way first, so that a step is one server's; each step finds its server
    /// itself.
    func shares(of plan: BatchPlan) -> [[Int]] {
        let topology = topology
        guard topology.router.rule != .equivalent, plan.group == nil else {
            return plan.keys.isEmpty ? [] : [Array(plan.keys.indices)]
        }
        var shares = Array(repeating: [Int](), count: topology.members.count)
        for position in plan.keys.indices { shares[topology.index(of: plan.storedKey(position))].append(position) }
        return shares.filter { !$0.isEmpty }
    }

    /// One round: every share at its server.
    private func carryOut<Value: Sendable>(
        _ shares: [BatchAssignment.Share],
        of plan: BatchPlan,
        _ style: BatchStyle,
        _ arrival: Flight.Arrival?,
        after first: FirstAttempt<GroupResponses>?,
        interpret: @escaping @Sendable (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> [(BatchAssignment.Share, Outcomes<Value>)] {
        if shares.count == 1, let only = shares.first {
            return [(only, await carryOut(only, of: plan, style, arrival, after: first, interpret: interpret))]
        }
        return await withTaskGroup(of: (BatchAssignment.Share, Outcomes<Value>).self) { tasks in
            for share in shares {
                tasks.addTask { [self] in
                    (share, await carryOut(share, of: plan, style, arrival, interpret: interpret))
                }
            }
            var results: [(BatchAssignment.Share, Outcomes<Value>)] = []
            for await result in tasks { results.append(result) }
            return results
        }
    }

    private func carryOut<Value: Sendable>(
        _ share: BatchAssignment.Share,
        of plan: BatchPlan,
        _ style: BatchStyle,
        _ arrival: Flight.Arrival?,
        after first: FirstAttempt<GroupResponses>? = nil,
        interpret: (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> Outcomes<Value> {
        do throws(MemcachedError) {
            let request = plan.isRead ? nil : share.positions.first.map(plan.request)
            return try await visit(share.turn, probing: request) {
                (turn) async throws(MemcachedError) -> Outcomes<Value> in
                await self.share(
                    share.positions,
                    of: plan,
                    at: turn,
                    style,
                    arrival,
                    after: first,
                    interpret: interpret
                )
            }
        } catch {
            return share.positions.map { _ in .failure(error) }
        }
    }
}

extension Result {
    var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
