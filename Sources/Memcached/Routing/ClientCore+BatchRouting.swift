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
    ///   - interpret: Makes the outcome of a response; nil is the silence of a quiet request.
    /// - Returns: An outcome for every entry, in their order.
    func batch<Value: Sendable>(
        _ plan: BatchPlan,
        _ style: BatchStyle,
        deadline: NIODeadline,
        interpret: @escaping @Sendable (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> Outcomes<Value> {
        var search: Search
        do throws(MemcachedError) {
            search = Search(try await topology(by: deadline), deadline: deadline)
        } catch {
            return plan.entries.map { .failure($0.failure(error)) }
        }
        // Each of them is replaced: the loop ends when all have an outcome.
        var outcomes: Outcomes<Value> = Array(repeating: .failure(.shutDown), count: plan.entries.count)
        var entries = plan.entries
        while !entries.isEmpty {
            let assignment = BatchAssignment(of: entries, by: search) { placed($0, routedBy: plan.group) }
            if !assignment.refused.isEmpty { noteRefusals(assignment.refused) }
            for (entry, error) in assignment.refused { outcomes[entry.position] = .failure(entry.failure(error)) }
            let isWhole = assignment.shares.count == 1 && assignment.shares.first?.entries.count == outcomes.count
            entries = []
            var moved: (turns: [Turn], error: MemcachedError)?
            for (share, result) in await carryOut(assignment.shares, style, interpret: interpret) {
                if isWhole, result.allSatisfy(\.isSuccess) { return result }
                var failure: MemcachedError?
                for (entry, outcome) in zip(share.entries, result) {
                    if case .failure(let error) = outcome,
                        search.goesOn(after: error, at: share.turn, isRead: entry.request.isRead)
                    {
                        failure = error
                        entries.append(entry)
                    } else {
                        outcomes[entry.position] = outcome
                    }
                }
                if let failure { moved = ((moved?.turns ?? []) + [share.turn], failure) }
            }
            if let moved {
                search.pass(moved.turns, moved.error, present: topology)
                if let pause = search.pause() { try? await Task.sleep(for: pause) }
            }
        }
        return outcomes
    }

    /// The entries of a plan by the servers that hold their keys.
    ///
    /// What is read in several steps is cut this way first, so that a step is one server's; each step finds its server
    /// itself.
    func shares(of plan: BatchPlan) -> [[BatchPlan.Entry]] {
        let topology = topology
        guard topology.router.rule != .equivalent, plan.group == nil else {
            return plan.entries.isEmpty ? [] : [plan.entries]
        }
        var shares = Array(repeating: [BatchPlan.Entry](), count: topology.members.count)
        for entry in plan.entries { shares[topology.index(of: stored(entry.key))].append(entry) }
        return shares.filter { !$0.isEmpty }
    }

    /// One round: every share at its server.
    private func carryOut<Value: Sendable>(
        _ shares: [BatchAssignment.Share],
        _ style: BatchStyle,
        interpret: @escaping @Sendable (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> [(BatchAssignment.Share, Outcomes<Value>)] {
        if shares.count == 1, let only = shares.first {
            return [(only, await carryOut(only, style, interpret: interpret))]
        }
        return await withTaskGroup(
            of: (BatchAssignment.Share, Outcomes<Value>).self
        ) { tasks in
            for share in shares {
                tasks.addTask { [self] in (share, await carryOut(share, style, interpret: interpret)) }
            }
            var results: [(BatchAssignment.Share, Outcomes<Value>)] = []
            for await result in tasks { results.append(result) }
            return results
        }
    }

    private func carryOut<Value: Sendable>(
        _ share: BatchAssignment.Share,
        _ style: BatchStyle,
        interpret: (Response?, Opcode, ServerPool) throws(MemcachedError) -> Value
    ) async -> Outcomes<Value> {
        do throws(MemcachedError) {
            let request = share.entries.first { !$0.request.isRead }?.request
            return try await visit(share.turn, probing: request) {
                (turn) async throws(MemcachedError) -> Outcomes<Value> in
                await self.share(share.entries, at: turn, style, interpret: interpret)
            }
        } catch {
            return share.entries.map { _ in .failure(error) }
        }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}

extension BatchPlan.Entry {
    fileprivate func failure(_ error: MemcachedError) -> MemcachedError {
        error.with(operation: request.opcode.description)
    }
}
