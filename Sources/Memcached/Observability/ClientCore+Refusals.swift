extension ClientCore {
    /// Tells metrics and spans of an operation that no server was asked for, because those that could take it are down.
    ///
    /// A failure that goes back to a server that was asked has been told already; it names its operation.
    func noteRefusal(of requests: [Request], _ error: MemcachedError) {
        guard error.operation == nil else { return }
        let members = topology.members
        guard let pool = (members.first { $0.server.label == error.server } ?? members.first)?.pool else { return }
        pool.observer?.begin(requests).end(error, pool)
    }

    /// Tells of the part of a batch that no server was asked for.
    func noteRefusals(_ refused: [(position: Int, error: MemcachedError)], of plan: BatchPlan) {
        let servers = Dictionary(grouping: refused) { $0.error.server }
        for part in servers.values {
            guard let error = part.first?.error else { continue }
            noteRefusal(of: part.map { plan.request($0.position) }, error)
        }
    }
}
