import Testing

@testable import MemcachedSessions

@Suite struct LockScheduleTests {
    static let start = ContinuousClock.now

    /// The waits in milliseconds when every attempt is refused at once.
    static func waits(
        _ minimum: Int,
        _ maximum: Int,
        _ retries: Int,
        timeout: Duration = .seconds(3_600),
        jitter: Double = 0.5
    ) -> [Int] {
        var locking = MemcachedSessionConfiguration.Locking()
        locking.minimumWait = .milliseconds(minimum)
        locking.maximumWait = .milliseconds(maximum)
        locking.retries = retries
        var schedule = LockSchedule(locking, deadline: start + timeout)
        var now = start
        var waits: [Int] = []
        while case .wait(let until) = schedule.refused(at: now, jitter: jitter), waits.count < 100 {
            let wait = now.duration(to: until)
            waits.append(Int((wait / Duration.milliseconds(1)).rounded()))
            now = until
        }
        return waits
    }

    // What php-memcached 3.2 was seen to do.
    @Test(arguments: [
        (150, 150, 5, [150, 150, 150, 150, 150]),
        (100, 1_000, 6, [100, 200, 400, 800, 1_000, 1_000]),
        (500, 150, 3, [500, 150, 150]),
        (150, 150, 0, []),
    ])
    func `the waits are PHP's`(minimum: Int, maximum: Int, retries: Int, expected: [Int]) {
        #expect(Self.waits(minimum, maximum, retries) == expected)
    }

    @Test func `the defaults are PHP's`() {
        let locking = MemcachedSessionConfiguration.Locking()
        #expect(locking.isEnabled)
        #expect(locking.minimumWait == .milliseconds(150))
        #expect(locking.maximumWait == .milliseconds(150))
        #expect(locking.retries == 5)
        #expect(locking.lease == .seconds(10))
        #expect(locking.maximumWaiters == 32)
    }

    @Test func `jitter is a quarter at most either way`() {
        #expect(Self.waits(100, 100, 2, jitter: 0) == [75, 75])
        #expect(Self.waits(100, 100, 2, jitter: 1) == [125, 125])
        #expect(Self.waits(100, 100, 2, jitter: -5) == [75, 75])
        #expect(Self.waits(100, 100, 2, jitter: 5) == [125, 125])
    }

    @Test func `nobody waits beyond the deadline`() {
        #expect(Self.waits(150, 150, 50, timeout: .milliseconds(500)) == [150, 150, 150])
        #expect(Self.waits(150, 150, 50, timeout: .milliseconds(100)) == [])
    }
}
