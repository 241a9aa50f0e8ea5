import Memcached
import MemcachedTestSupport

/// Random operations against real memcached servers, through proxies that do everything to the traffic that networks
/// and broken servers do, compared with a model of what may be true.
///
/// What is asserted of every operation: it ends, once, not later than its deadline (or its task's cancellation) and the
/// stated slack; a value read is one that was stored under this key, and not an older one than what its owner has been
/// told allows; CAS, counters, misses and errors' outcomes agree with all that was answered before. At the end of each
/// round all connections are closed, and every key is read back from the servers and compared. Continuations of the
/// client are resumed once or the process ends.
package struct SoakRun {
    private let settings: SoakSettings
    private let ledger: SoakLedger

    /// Prepares a run.
    package init(_ settings: SoakSettings) {
        self.settings = settings
        self.ledger = SoakLedger(seed: settings.seed)
    }

    private enum Event: Sendable {
        case finished(lane: Int, SoakWorker)
        case hanging([SoakLedger.Entry])
    }

    /// Runs until the settings are met, something is wrong, or the longest time is over.
    ///
    /// - Parameter progress: Told after each round.
    /// - Returns: What was done and found. If an operation never ended, its task is left behind.
    /// - Throws: When servers or proxies cannot be started or asked.
    package func run(progress: (SoakReport) -> Void = { _ in }) async throws -> SoakReport {
        let began = ContinuousClock.now
        var generator = SeededGenerator(seed: settings.seed)
        var lanes = [
            try await lane(servers: 2, isAuthenticated: false, workers: settings.workers.plain, part: 1),
            try await lane(servers: 1, isAuthenticated: true, workers: settings.workers.sasl, part: 2),
        ]
        while true {
            guard try await round(&lanes) else { return finished(lanes, began) }
            for index in lanes.indices {
                try await lanes[index].rest()
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    await lanes[index].flush()
                    try await lanes[index].rest()
                }
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: try await lanes[index].renewClient(shuttingDown: true)
                case 1: try await lanes[index].renewClient(shuttingDown: false)
                default: break
                }
            }
            ledger.update { report in
                report.rounds += 1
                if report.rounds == 1 { report.residentAtStart = ResidentMemory.bytes() }
            }
            let report = finished(lanes, began)
            progress(report)
            let isEnough =
                report.answered >= settings.operations && report.elapsed >= settings.duration && report.isComplete
            if isEnough || report.elapsed >= settings.longest || report.wrongAnswers > 0 { break }
        }
        for lane in lanes { try await lane.end() }
        return checked(finished(lanes, began))
    }

    private func lane(servers: Int, isAuthenticated: Bool, workers: Int, part: UInt64) async throws -> LaneRun {
        let seed = settings.seed &+ part &* 0x1_0000
        let lane = try await SoakLane.start(serverCount: servers, isAuthenticated: isAuthenticated, seed: seed)
        return try LaneRun(lane, workers: workers, settings: settings, seed: seed, ledger: ledger)
    }

    /// All workers at once, for the length of a round.
    ///
    /// - Returns: False when an operation hangs.
    private func round(_ lanes: inout [LaneRun]) async throws -> Bool {
        let end = ContinuousClock.now + settings.round
        let (events, continuation) = AsyncStream<Event>.makeStream()
        var open = 0
        // These tasks end with the round, but for one whose operation hangs; the run is over then.
        for (index, lane) in lanes.enumerated() {
            for worker in lane.workers {
                open += 1
                Task {
                    var worker = worker
                    await worker.run(until: end)
                    continuation.yield(.finished(lane: index, worker))
                }
            }
        }
        let chaos = lanes.flatMap(\.chaos).map { chaos in Task { await chaos.run(until: end) } }
        let monitor = Task { [ledger] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(250))
                let overdue = ledger.overdue(at: .now)
                if !overdue.isEmpty { continuation.yield(.hanging(overdue)) }
            }
        }
        defer { monitor.cancel() }
        for await event in events {
            switch event {
            case .finished(let lane, let worker):
                lanes[lane].workers[worker.number] = worker
                open -= 1
            case .hanging(let entries):
                for entry in entries { ledger.wrong("\(entry.name) has not ended") }
                return false
            }
            if open == 0 { break }
        }
        for task in chaos { await task.value }
        return true
    }

    /// The report as of now.
    private func finished(_ lanes: [LaneRun], _ began: ContinuousClock.Instant) -> SoakReport {
        var counters = ConnectionCounters()
        var faults: [Fault.Kind: Int] = [:]
        for lane in lanes {
            counters += lane.counters
            for proxy in lane.lane.proxies { faults.merge(proxy.counts.faults) { $0 + $1 } }
        }
        var report = ledger.report
        report.elapsed = ContinuousClock.now - began
        report.faults = faults
        report.tombstones = counters.tombstones
        report.lateResponsesDropped = counters.lateResponsesDropped
        report.poisoned = counters.poisoned
        report.connections = counters.connections
        report.residentAtEnd = ResidentMemory.bytes()
        return report
    }

    /// The report with the verdict on memory.
    private func checked(_ report: SoakReport) -> SoakReport {
        guard let start = report.residentAtStart, let end = report.residentAtEnd, end - start > settings.growth else {
            return report
        }
        ledger.wrong("the process has grown from \(start) to \(end) bytes")
        var report = report
        report.wrongAnswers += 1
        report.wrong.append("the process has grown from \(start) to \(end) bytes")
        return report
    }
}
