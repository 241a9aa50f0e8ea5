/// The requests of a batch, by their positions, and the servers that they go to.
struct BatchAssignment {
    /// What goes to one server.
    struct Share: Sendable {
        var turn: Turn
        var positions: [Int]
    }

    private(set) var shares: [Share] = []
    /// What goes nowhere, and why.
    private(set) var refused: [(position: Int, error: MemcachedError)] = []

    /// All requests at one server.
    init(of positions: [Int], at turn: Turn) {
        shares = [Share(turn: turn, positions: positions)]
    }

    /// Assigns requests to servers; they keep their order at their server.
    ///
    /// - Parameters:
    ///   - positions: The requests.
    ///   - plan: Whose they are.
    ///   - search: Which servers there are, and which have been tried.
    init(of positions: [Int], in plan: BatchPlan, by search: Search) {
        let servers = CommonConditions(search.topology)
        // There is one server, or every server has everything, or one key decides: one look is enough.
        guard search.topology.members.count > 1, search.topology.router.rule != .equivalent, plan.group == nil else {
            guard let first = positions.first else { return }
            do throws(MemcachedError) {
                let turn = try search.turn(
                    for: .key(plan.group ?? plan.storedKey(first)),
                    isRead: false,
                    servers
                )
                shares = [Share(turn: turn, positions: positions)]
            } catch {
                refused = positions.map { ($0, error) }
            }
            return
        }
        var indices = Array(repeating: -1, count: search.topology.members.count)
        for position in positions {
            do throws(MemcachedError) {
                // A batch has no half of its time to give away: it may be a large one.
                let turn = try search.turn(for: .key(plan.storedKey(position)), isRead: false, servers)
                if indices[turn.index] >= 0 {
                    shares[indices[turn.index]].positions.append(position)
                } else {
                    indices[turn.index] = shares.count
                    shares.append(Share(turn: turn, positions: [position]))
                }
            } catch {
                refused.append((position, error))
            }
        }
    }
}
