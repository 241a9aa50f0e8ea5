import MemcachedHashing

/// Decides which server an operation goes to, and which one next when that one could not take it.
///
/// No I/O, no clock, no chance of its own: what it has to know of the servers it asks for.
final class Router: Sendable {
    /// What is done about servers that are down.
    enum Rule: Sendable {
        /// A key has one server, whatever becomes of it.
        case keep
        /// The ring is made anew without them.
        case eject
        /// The next server on the ring takes the place of one.
        case failover
        /// Every server has everything.
        case equivalent

        init(_ configuration: MemcachedConfiguration) {
            switch (configuration.placement, configuration.failures.policy) {
            case (.equivalent, _): self = .equivalent
            case (.byKey, .keep): self = .keep
            case (.byKey, .eject): self = .eject
            case (.byKey, .failover): self = .failover
            }
        }
    }

    /// Where an operation goes.
    enum Choice: Sendable {
        /// To this server, as admitted.
        case server(Int, ServerPool.Admission)
        /// Nowhere: all that could take it are down, or have been tried.
        case nowhere(MemcachedError?)
    }

    let rule: Rule
    /// All servers.
    let ring: ServerRing
    /// The ring without those that were ejected; nil when none was.
    let remaining: ServerRing?

    /// Places keys on servers.
    ///
    /// - Parameters:
    ///   - rule: What is done about servers that are down.
    ///   - ring: All servers.
    ///   - down: The indices of those that are down; they count with ``Rule/eject`` only. When all are, none is ejected.
    /// - Throws: What makes no ring.
    init(_ rule: Rule, ring: ServerRing, down: Set<Int> = []) throws(ServerSelectionError) {
        self.rule = rule
        self.ring = ring
        if rule == .eject, !down.isEmpty, down.count < ring.servers.count {
            self.remaining = try ServerRing(
                servers: ring.servers,
                selection: ring.selection,
                namespace: ring.namespace,
                ejected: down
            )
        } else {
            self.remaining = nil
        }
    }

    /// Chooses the server of an operation.
    ///
    /// - Parameters:
    ///   - key: The key that decides, as it is stored.
    ///   - passed: Servers that were tried already and could not take it.
    ///   - servers: What is known of the servers; asked for admission only where the operation would go.
    /// - Returns: A server, or nowhere.
    func choose(for key: MemcachedKey, passing passed: Set<Int>, _ servers: some ServerConditions) -> Choice {
        switch rule {
        case .keep: only(key.withUnsafeBytes { ring.index(forKey: $0) }, passed, servers)
        case .eject: amongRemaining(key, passed, servers)
        case .failover: onwards(key, passed, servers)
        case .equivalent: any(passed, servers)
        }
    }

    /// Chooses a server that was named, and nowhere when it is down.
    func choose(server index: Int, passing passed: Set<Int>, _ servers: some ServerConditions) -> Choice {
        only(index, passed, servers)
    }

    private func only(_ index: Int, _ passed: Set<Int>, _ servers: some ServerConditions) -> Choice {
        guard !passed.contains(index) else { return .nowhere(nil) }
        let admission = servers.admission(of: index)
        if case .down(let error) = admission { return .nowhere(error) }
        return .server(index, admission)
    }

    /// A server that was ejected is tried again by an operation on one of its own keys.
    private func amongRemaining(_ key: MemcachedKey, _ passed: Set<Int>, _ servers: some ServerConditions) -> Choice {
        guard let remaining else { return only(key.withUnsafeBytes { ring.index(forKey: $0) }, passed, servers) }
        let home = key.withUnsafeBytes { ring.index(forKey: $0) }
        if remaining.ejected.contains(home), !passed.contains(home) {
            let admission = servers.admission(of: home)
            switch admission {
            case .open, .probe: return .server(home, admission)
            case .down: break
            }
        }
        return only(key.withUnsafeBytes { remaining.index(forKey: $0) }, passed, servers)
    }

    private func onwards(_ key: MemcachedKey, _ passed: Set<Int>, _ servers: some ServerConditions) -> Choice {
        var skipped = passed
        var first: MemcachedError?
        while let index = next(key, skipped) {
            let admission = servers.admission(of: index)
            guard case .down(let error) = admission else { return .server(index, admission) }
            first = first ?? error
            skipped.insert(index)
        }
        return .nowhere(first)
    }

    private func next(_ key: MemcachedKey, _ skipped: Set<Int>) -> Int? {
        key.withUnsafeBytes { key in
            skipped.isEmpty ? ring.index(forKey: key) : ring.index(forKey: key, skipping: skipped.contains)
        }
    }

    /// The one of two random servers that has less to do ("power of two choices"); one that is down and may be tried
    /// again comes first.
    ///
    /// Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (1996).
    private func any(_ passed: Set<Int>, _ servers: some ServerConditions) -> Choice {
        let count = ring.servers.count
        var draw = Draw()
        let first = servers.random(below: count)
        let distance = count > 1 ? 1 + servers.random(below: count - 1) : 0
        if let probe = draw.consider(first, passed, servers) { return probe }
        if count > 1, let probe = draw.consider((first + distance) % count, passed, servers) { return probe }
        // The others in turn, only when neither of the two can be asked.
        var step = 1
        while draw.best == nil, step < count {
            if step != distance, let probe = draw.consider((first + step) % count, passed, servers) { return probe }
            step += 1
        }
        return draw.best.map { .server($0.index, .open) } ?? .nowhere(draw.refusal)
    }

    /// The best of the servers that were looked at.
    private struct Draw {
        var best: (index: Int, load: Int)?
        var refusal: MemcachedError?

        /// Looks at a server.
        ///
        /// - Returns: A choice that is made at once; nil to go on.
        mutating func consider(_ index: Int, _ passed: Set<Int>, _ servers: some ServerConditions) -> Choice? {
            guard !passed.contains(index) else { return nil }
            let admission = servers.admission(of: index)
            switch admission {
            case .probe:
                return .server(index, admission)
            case .open:
                let load = servers.load(of: index)
                if best.map({ load < $0.load }) ?? true { best = (index, load) }
            case .down(let error):
                refusal = refusal ?? error
            }
            return nil
        }
    }
}
