import Memcached

/// What is known of each server: whether it has what safe sessions rest on.
///
/// Plain data without I/O: time is an argument.
struct ServerSafety: Sendable {
    /// What a probe found.
    enum Finding: Hashable, Sendable {
        /// Conditions are looked at.
        case fenced
        /// They are not; what was missing, in words.
        case unfenced(String)
    }

    /// A probe under way, which all share who need its finding.
    ///
    /// Nil when the list of servers changed meanwhile, so that it is not known whose answers they were.
    typealias Probe = Task<Result<Finding?, MemcachedSessionError>, Never>

    /// For how long a server that lacks something is not asked again.
    static let patience: Duration = .seconds(10)

    private enum State {
        case found(Finding, SessionTime.Instant)
        case asking(Probe)
    }

    /// What to do about a server.
    enum Step {
        case known(Finding)
        case wait(Probe)
        case ask
    }

    private var states: [MemcachedServer.Address: State] = [:]

    func step(_ server: MemcachedServer.Address, at now: SessionTime.Instant) -> Step {
        switch states[server] {
        case .found(.fenced, _): .known(.fenced)
        case .found(let finding, let instant) where instant.duration(to: now) < Self.patience: .known(finding)
        case .asking(let probe): .wait(probe)
        case .found, nil: .ask
        }
    }

    /// Forgets all other servers: who comes back at the address of one that left may be another.
    mutating func keep(_ servers: [MemcachedServer]) {
        guard states.count > servers.count else { return }
        let addresses = Set(servers.map(\.address))
        states = states.filter { addresses.contains($0.key) }
    }

    /// Whether each of these servers is known to look at conditions.
    func areFenced(_ servers: [MemcachedServer]) -> Bool {
        servers.allSatisfy { server in
            if case .found(.fenced, _) = states[server.address] { true } else { false }
        }
    }

    mutating func asking(_ server: MemcachedServer.Address, _ probe: Probe) {
        states[server] = .asking(probe)
    }

    /// A probe ended; without a finding the next request probes again.
    mutating func ended(_ server: MemcachedServer.Address, _ finding: Finding?, at now: SessionTime.Instant) {
        states[server] = finding.map { .found($0, now) }
    }
}
