#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where the handler gets time and chance from; tests bring their own.
struct SessionTime: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What time it is.
    var now: @Sendable () -> Instant
    /// Waits; ends early with an error when the task is cancelled.
    var sleep: @Sendable (_ deadline: Instant) async throws -> Void
    /// What day it is, for dates in settings.
    var date: @Sendable () -> Date = { Date() }
    /// 0…1, for waits that should not all end at once.
    var jitter: @Sendable () -> Double

    static let system = SessionTime(
        now: { ContinuousClock.now },
        sleep: { try await Task.sleep(until: $0, clock: .continuous) },
        jitter: { .random(in: 0...1) }
    )
}
