import MemcachedHashing

@testable import Memcached

/// Servers as a test says they are.
final class ScriptedConditions: ServerConditions {
    /// Servers that are down.
    var down: Set<Int> = []
    /// Servers that are down and may be tried again.
    var due: Set<Int> = []
    var loads: [Int: Int] = [:]
    /// The numbers that are drawn, again from the first when they are used up.
    var numbers = [0]
    private var drawn = 0
    /// Who was asked for admission, in order.
    private(set) var asked: [Int] = []

    func admission(of index: Int) -> ServerPool.Admission {
        asked.append(index)
        if due.contains(index) { return .probe }
        return down.contains(index) ? .down(MemcachedError(.serverDown, "server \(index) is down")) : .open
    }

    func load(of index: Int) -> Int { loads[index] ?? 0 }

    func random(below count: Int) -> Int {
        defer { drawn += 1 }
        return numbers[drawn % numbers.count] % count
    }
}

/// What a test asks of a router.
struct RouterSteps {
    static let servers = ["10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.4"].map { RingServer(host: $0) }
    static let keys = (0..<400).map { MemcachedKey("key:\($0)") }

    let router: Router

    init(
        _ rule: Router.Rule,
        servers: [RingServer] = servers,
        selection: ServerSelection = .default,
        down: Set<Int> = []
    ) throws {
        router = try Router(rule, ring: ServerRing(servers: servers, selection: selection), down: down)
    }

    func home(_ key: MemcachedKey) -> Int { key.withUnsafeBytes { router.ring.index(forKey: $0) } }

    /// The server that an operation goes to; nil for none.
    func server(
        _ key: MemcachedKey,
        passing passed: Set<Int> = [],
        _ servers: ScriptedConditions = ScriptedConditions()
    ) -> Int? {
        guard case .server(let index, _) = router.choose(for: key, passing: passed, servers) else { return nil }
        return index
    }

    /// Whether an operation goes to a server as its probe.
    func isProbe(_ key: MemcachedKey, _ servers: ScriptedConditions) -> Bool {
        guard case .server(_, .probe) = router.choose(for: key, passing: [], servers) else { return false }
        return true
    }

    /// The error with which an operation goes nowhere; nil when it goes somewhere.
    func refusal(_ key: MemcachedKey, _ servers: ScriptedConditions) -> MemcachedError? {
        guard case .nowhere(let error) = router.choose(for: key, passing: [], servers) else { return nil }
        return error
    }
}
