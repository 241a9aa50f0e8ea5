/// The entries of a batch by the servers that they go to.
struct BatchAssignment {
    /// What goes to one server.
    struct Share: Sendable {
        var turn: Turn
        var entries: [BatchPlan.Entry]
    }

    private(set) var shares: [Share]
    /// What goes nowhere, and why.
    private(set) var refused: [(entry: BatchPlan.Entry, error: MemcachedError)]

    /// Assigns entries to servers; entries keep their order at their server.
    ///
    /// - Parameters:
    ///   - entries: The entries.
    ///   - search: Which servers there are, and which have been tried.
    ///   - placed: The key that decides about the server of a key.
    init(of entries: [BatchPlan.Entry], by search: Search, placed: (MemcachedKey) -> MemcachedKey) {
        let servers = CommonConditions(search.topology)
        if search.topology.members.count == 1, !entries.isEmpty {
            self.init(ofAll: entries, by: search, servers)
            return
        }
        self.init(shares: [], refused: [])
        var positions: [Int: Int] = [:]
        for entry in entries {
            do throws(MemcachedError) {
                // A batch has no half of its time to give away: it may be a large one.
                let turn = try search.turn(for: .key(placed(entry.key)), isRead: false, servers)
                if let position = positions[turn.index] {
                    shares[position].entries.append(entry)
                } else {
                    positions[turn.index] = shares.count
                    shares.append(Share(turn: turn, entries: [entry]))
                }
            } catch {
                refused.append((entry, error))
            }
            // Every server has everything, so all of it goes through one door.
            if search.topology.router.rule == .equivalent { break }
        }
        guard search.topology.router.rule == .equivalent else { return }
        if shares.isEmpty {
            let error = refused.first?.1
            refused = error.map { error in entries.map { ($0, error) } } ?? []
        } else {
            shares[0].entries = entries
        }
    }

    /// There is one server, so one look is enough.
    private init(ofAll entries: [BatchPlan.Entry], by search: Search, _ servers: CommonConditions) {
        do throws(MemcachedError) {
            // Any key leads there.
            let turn = try search.turn(for: .server(0, otherwise: ""), isRead: false, servers)
            self.init(shares: [Share(turn: turn, entries: entries)], refused: [])
        } catch {
            self.init(shares: [], refused: entries.map { ($0, error) })
        }
    }

    private init(shares: [Share], refused: [(entry: BatchPlan.Entry, error: MemcachedError)]) {
        self.shares = shares
        self.refused = refused
    }
}
