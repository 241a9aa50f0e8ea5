import Memcached
import MemcachedTestSupport
import NIOCore
import Synchronization
import Testing

/// Many tasks on one connection, a third of which give up: nobody may get another's bytes, and nobody is left waiting.
@Suite struct MultiplexingTests {
    /// What became of the operations.
    private struct Tally: Sendable {
        var answered = 0
        var abandoned = 0
        var wrong = 0

        static func + (left: Tally, right: Tally) -> Tally {
            Tally(
                answered: left.answered + right.answered,
                abandoned: left.abandoned + right.abandoned,
                wrong: left.wrong + right.wrong
            )
        }
    }

    private static let tasks = 64
    private static let operations = 10_000

    @Test func `ten thousand operations of which a third is given up mix nothing up on one connection`() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        try await withMemcached { server in
            try await withFaultProxy(
                upstream: server.address,
                plan: FaultPlan([.init(.delay(.zero ... .milliseconds(20)))]),
                seed: seed
            ) { proxy in
                var configuration = MemcachedConfiguration(servers: [MemcachedServer(proxy.address)])
                configuration.timeouts.operation = .seconds(60)
                let client = try MemcachedClient(configuration)
                for number in 0..<Self.tasks { try await client.set(Self.key(number), to: Self.value(number, 0)) }

                // A delayed response delays those behind it, so the tasks keep the connection full.
                let tally = await withTaskGroup(of: Tally.self) { group in
                    for number in 0..<Self.tasks {
                        let share = Self.operations / Self.tasks + (number < Self.operations % Self.tasks ? 1 : 0)
                        group.addTask { await Self.work(client, number, share, seed) }
                    }
                    return await group.reduce(Tally(), +)
                }

                #expect(tally.wrong == 0)
                // Each operation ended, and once: a continuation resumed twice would have ended the process.
                #expect(tally.answered + tally.abandoned == Self.operations)
                // The late responses of those given up last are still on their way.
                try await client.noop()
                let counters = client.counters
                print("\(tally.answered) answered, \(tally.abandoned) given up, \(counters.tombstones) tombstones")
                #expect(counters.tombstones >= 1_000)
                #expect(counters.lateResponsesDropped == counters.tombstones)
                #expect(counters.poisoned == 0)
                #expect(counters.connections == 1)
                #expect(proxy.counts.connectionsAccepted == 1)
                #expect(try await server.connectionCounts().opened == 1)
                #expect(proxy.counts.faults[.delay, default: 0] > 1_000)
            }
        }
    }

    private static func key(_ number: Int) -> MemcachedKey { "multiplexed:\(number)" }

    /// A value that says whose it is.
    private static func value(_ number: Int, _ sequence: Int) -> String { "\(key(number)) #\(sequence)" }

    /// One task: writes and reads its own key, so that it knows what may be there.
    private static func work(_ client: MemcachedClient, _ number: Int, _ count: Int, _ seed: UInt64) async -> Tally {
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        var tally = Tally()
        /// The newest write that was confirmed, and the newest that may have happened.
        var confirmed = 0
        var attempted = 0
        /// How long an answer takes here, about: who gives up does so somewhere within that.
        var usual = Duration.milliseconds(10)
        for _ in 0..<count {
            let isWrite = Bool.random(using: &generator)
            let isGivenUp = Int.random(in: 0..<3, using: &generator) == 0
            let cancels = Bool.random(using: &generator)
            let patience = usual * Double.random(in: 0.05...0.5, using: &generator)
            if isWrite { attempted += 1 }
            let sequence = attempted
            let timeout = isGivenUp && !cancels ? patience : nil
            let began = ContinuousClock.now
            let task = Task { () async throws(MemcachedError) -> String? in
                if isWrite {
                    try await client.set(key(number), to: value(number, sequence), timeout: timeout)
                    return nil
                }
                return try await client.get(key(number), as: String.self, timeout: timeout)
            }
            if isGivenUp, cancels {
                try? await Task.sleep(for: patience)
                task.cancel()
            }
            switch await task.result {
            case .success(let text):
                tally.answered += 1
                if !isGivenUp { usual = (usual * 3 + (ContinuousClock.now - began)) / 4 }
                if isWrite {
                    confirmed = sequence
                } else if !isPossible(text, number, confirmed...attempted) {
                    tally.wrong += 1
                }
            case .failure(let error):
                tally.abandoned += 1
                let isExpected =
                    (error as? MemcachedError).map { $0.code == .timeout || $0.code == .cancelled } ?? false
                if !isExpected {
                    tally.wrong += 1
                    print("unexpected: \(error)")
                }
            }
        }
        return tally
    }

    private static func isPossible(_ text: String?, _ number: Int, _ range: ClosedRange<Int>) -> Bool {
        guard let text, let mark = text.lastIndex(of: "#"), let sequence = Int(text[text.index(after: mark)...]) else {
            return false
        }
        return text == value(number, sequence) && range.contains(sequence)
    }
}

/// A small generator that repeats from its seed (SplitMix64).
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
