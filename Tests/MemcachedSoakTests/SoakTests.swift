import Foundation
import Memcached
import MemcachedSoak
import MemcachedTestSupport
import Testing

/// The short run of what `Scripts/soak` does for as long as is asked.
@Suite struct SoakTests {
    /// `MEMCACHED_SOAK_SEED=42 Scripts/test --filter SoakTests` takes the decisions of an earlier run again.
    private static var seed: UInt64 {
        ProcessInfo.processInfo.environment["MEMCACHED_SOAK_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
    }

    @Test(.timeLimit(.minutes(15)))
    func `a hundred thousand answered operations amid every fault give no wrong answer`() async throws {
        let seed = Self.seed
        print("MEMCACHED_SOAK_SEED=\(seed)")
        let settings = SoakSettings(seed: seed, operations: 100_000)
        let report = try await SoakRun(settings).run { print($0.progress) }
        print(report)

        #expect(report.wrongAnswers == 0, "again with MEMCACHED_SOAK_SEED=\(seed): \(report.wrong)")
        #expect(report.answered >= settings.operations)
        #expect(report.compared > 0)
        #expect(report.missingFaults == [])
        #expect(report.missingErrors == [])
        #expect(report.tombstones > 0)
        #expect(report.lateResponsesDropped > 0)
        #expect(report.lateReplies > 0)
        #expect(report.poisoned > 0)
        for outcome in [MemcachedError.Outcome.notSent, .rejected, .unknown] {
            #expect(report.outcomes[outcome, default: 0] > 0)
        }
    }
}
