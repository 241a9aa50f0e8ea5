import MemcachedTestSupport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct ManualClockTests {
    @Test func `the clock stands still until it is advanced`() {
        let clock = ManualClock()
        let start = clock.now
        #expect(clock.now == start)
        clock.advance(by: .milliseconds(1_500))
        #expect(start.duration(to: clock.now) == .milliseconds(1_500))
        clock.advance(by: .seconds(-5))
        #expect(start.duration(to: clock.now) == .milliseconds(1_500))
        #expect(start < clock.now)
        #expect(clock.minimumResolution == .zero)
    }

    @Test func `a sleeper wakes when its time has come and not before`() async throws {
        let clock = ManualClock()
        let woken = Mutex(false)
        async let task: Void = {
            try await clock.sleep(for: .seconds(60))
            woken.withLock { $0 = true }
        }()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(59))
        #expect(clock.sleeperCount == 1)
        #expect(!woken.withLock { $0 })
        clock.advance(by: .seconds(1))
        try await task
        #expect(clock.sleeperCount == 0)
    }

    @Test func `sleeping until a moment that has passed takes no time`() async throws {
        let clock = ManualClock()
        try await clock.sleep(until: clock.now)
        try await clock.sleep(for: .seconds(-1))
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a cancelled sleeper throws and leaves the others asleep`() async throws {
        let clock = ManualClock()
        let cancelled = Task { try await clock.sleep(for: .seconds(1)) }
        let other = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.waitForSleepers(2)
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .seconds(1))
        try await other.value
    }

    @Test func `a task that is cancelled already does not go to sleep`() async throws {
        let clock = ManualClock()
        let gate = ManualClock()
        let task = Task {
            try? await gate.sleep(for: .seconds(1))
            try await clock.sleep(for: .seconds(1))
        }
        await gate.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `sleeping and cancelling at the same time wakes every task exactly once`() async throws {
        let clock = ManualClock()
        let outcomes = await withTaskGroup(of: Bool.self, returning: [Bool].self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let task = Task { try await clock.sleep(for: .seconds(1)) }
                    async let advanced: Void = clock.advance(by: .milliseconds(10))
                    task.cancel()
                    await advanced
                    do {
                        try await task.value
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count == 200)
        #expect(clock.sleeperCount == 0)
    }

    @Test func `waiting for sleepers that are there ends at once`() async {
        await ManualClock().waitForSleepers(0)
    }
}
