import Synchronization

/// A server's pool as topologies hold it, for as long as any of them or any operation does.
///
/// When the last of them lets go, its connections close. So a server that was removed finishes what it has begun, and
/// nobody has to wait for that.
final class Endpoint: Sendable {
    let pool: ServerPool
    private let ledger: Ledger
    private let operations = Atomic<Int>(0)

    /// What pools have counted that are gone.
    final class Ledger: Sendable {
        private let total = Mutex(ConnectionCounters())

        var counters: ConnectionCounters { total.withLock { $0 } }

        fileprivate func add(_ counters: ConnectionCounters) { total.withLock { $0 += counters } }
    }

    init(pool: ServerPool, ledger: Ledger) {
        self.pool = pool
        self.ledger = ledger
    }

    deinit {
        // Before it is closed: then the pool knows no connection any more.
        ledger.add(pool.currentCounters)
        close()
    }

    /// How many operations have been sent its way and not ended; counted between equivalent servers only.
    var load: Int { operations.load(ordering: .relaxed) }

    func begin() { operations.add(1, ordering: .relaxed) }
    func end() { operations.subtract(1, ordering: .relaxed) }

    /// Lets nothing in any more, and waits until what is in flight has been answered.
    func drain(within patience: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for connection in pool.shutDown() {
                group.addTask { await connection.drain(within: patience) }
            }
        }
    }

    /// Closes its connections at once.
    func close() {
        for connection in pool.shutDown() { connection.end(.shutDown) }
    }
}
