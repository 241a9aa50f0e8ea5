import Synchronization

/// What this process remembers of servers' mechanisms, by the servers' configured names, whatever their letters' case.
///
/// Printing one shows names of servers and nothing else.
final class MechanismMemory: Sendable {
    /// That of the whole process: a server that offered SCRAM to one client offered it to all.
    static let shared = MechanismMemory()

    /// More names are never remembered at once; the oldest are forgotten then.
    static let capacity = 4_096

    private struct Names {
        private var known: Set<String> = []
        private var order: [String] = []

        func contains(_ name: String) -> Bool { known.contains(name.lowercased()) }

        /// Whether the name is new.
        mutating func insert(_ name: String) -> Bool {
            let name = name.lowercased()
            guard known.insert(name).inserted else { return false }
            order.append(name)
            if order.count > MechanismMemory.capacity { known.remove(order.removeFirst()) }
            return true
        }
    }

    private let offeredSCRAM = Mutex(Names())
    private let warnedOfPlain = Mutex(Names())

    /// Notes that a server offers SCRAM.
    func noteSCRAM(at server: String) {
        _ = offeredSCRAM.withLock { $0.insert(server) }
    }

    /// Whether a server has offered SCRAM before.
    func hasOfferedSCRAM(_ server: String) -> Bool {
        offeredSCRAM.withLock { $0.contains(server) }
    }

    /// Whether this is the first time that a password goes to a server in clear text.
    func isFirstPlain(at server: String) -> Bool {
        warnedOfPlain.withLock { $0.insert(server) }
    }
}
