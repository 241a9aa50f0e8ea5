import Memcached
import MemcachedTestSupport

/// A lane at work: its workers, what is done to its traffic, and the client of the present round.
struct LaneRun {
    let lane: SoakLane
    let chaos: [Chaos]
    let ledger: SoakLedger
    var workers: [SoakWorker]
    private(set) var client: MemcachedClient
    /// What clients of earlier rounds have counted.
    private var earlier = ConnectionCounters()

    /// How long closed connections may take to disappear from the server's counts.
    private static let patience = Duration.seconds(20)

    init(_ lane: SoakLane, workers count: Int, settings: SoakSettings, seed: UInt64, ledger: SoakLedger) throws {
        let client = try MemcachedClient(lane.configuration)
        let generator = SeededGenerator(seed: seed)
        let keys = (0..<count * settings.keysPerWorker)
            .map { number in
                SoakKey(
                    number: UInt32(truncatingIfNeeded: number),
                    namespaceLength: lane.configuration.namespace.utf8.count
                )
            }
        self.lane = lane
        self.ledger = ledger
        self.client = client
        self.chaos = zip(lane.servers, lane.proxies).enumerated()
            .map { number, pair in
                Chaos(
                    server: pair.0,
                    proxy: pair.1,
                    isAuthenticated: lane.isAuthenticated,
                    seed: seed &+ 1_000 &+ UInt64(number),
                    ledger: ledger
                )
            }
        self.workers = (0..<count)
            .map { number in
                let first = number * settings.keysPerWorker
                return SoakWorker(
                    number: number,
                    client: client,
                    ledger: ledger,
                    slack: settings.slack,
                    keys: Array(keys[first..<first + settings.keysPerWorker]),
                    foreignKeys: Array(keys[..<first] + keys[(first + settings.keysPerWorker)...]),
                    generator: generator.derived(UInt64(number))
                )
            }
    }

    /// Goes on with a new client; the old one is shut down, or just let go of.
    mutating func renewClient(shuttingDown: Bool) async throws {
        let old = client
        if shuttingDown { await old.shutdown(within: .milliseconds(100)) }
        client = try MemcachedClient(lane.configuration)
        for index in workers.indices { workers[index].client = client }
        earlier += old.counters
    }

    /// What this lane's clients have counted since the beginning.
    var counters: ConnectionCounters {
        var counters = earlier
        counters += client.counters
        return counters
    }

    /// Everything goes at once, through whatever is done to the traffic; what became of it is then seen at rest.
    mutating func flush() async {
        guard var first = workers.first else { return }
        let result = await first.attempt("FLUSH") { [client] timeout throws(MemcachedError) in
            try await client.flush(timeout: timeout)
        }
        workers[0].generator = first.generator
        for index in workers.indices {
            for key in workers[index].keys {
                switch result {
                case .success: workers[index].confirm(key, .flush, .flushed)
                case .failure(let error): workers[index].settle(key, .flush, error.with(outcome: .unknown))
                }
            }
        }
    }

    /// Closes every connection, waits until the servers have seen it, and compares all keys with what they hold.
    mutating func rest() async throws {
        for (server, proxy) in zip(lane.servers, lane.proxies) { try await endConnections(of: server, proxy) }
        for (index, server) in lane.servers.enumerated() {
            let place = lane.configuration.servers[index]
            let clean = try lane.cleanClient(of: index)
            for number in workers.indices {
                let keys = workers[number].keys.filter { client.server(of: $0.name) == place }
                let items = try await clean.get(keys.map(\.name))
                for key in keys { workers[number].rest(key, items[key.name]) }
                ledger.update { $0.compared += keys.count }
            }
            await clean.shutdown()
            let evicted = try await server.stat("evictions")
            if evicted != 0 { ledger.wrong("the server has evicted \(evicted) items, so misses mean nothing") }
        }
    }

    /// From here on nothing that is still on its way can reach the server.
    private func endConnections(of server: MemcachedProcess, _ proxy: FaultProxy) async throws {
        let began = ContinuousClock.now
        repeat {
            proxy.closeConnections()
            if try await server.connectionCounts().current == 0 { return }
            try await Task.sleep(for: .milliseconds(10))
        } while ContinuousClock.now - began < Self.patience
        ledger.wrong("connections to a server stayed open although the proxy has closed them")
    }

    /// Ends the client, which has to close its sockets by itself.
    func end() async throws {
        await client.shutdown()
        for server in lane.servers {
            let began = ContinuousClock.now
            while try await server.connectionCounts().current != 0 {
                guard ContinuousClock.now - began < Self.patience else {
                    ledger.wrong("the client left connections open")
                    break
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        await lane.stop()
    }
}

extension SoakWorker {
    /// Nothing is on its way any more: what the server has is what there is.
    fileprivate mutating func rest(_ key: SoakKey, _ item: MemcachedItem?) {
        observe(key, item, by: "reading back at rest")
        models[key]?.settle()
    }
}
