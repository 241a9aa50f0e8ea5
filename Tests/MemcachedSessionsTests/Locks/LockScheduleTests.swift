import Memcached
import NIOCore
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
        while case .wait(let until) = schedule.refused(by: nil, at: now, jitter: jitter), waits.count < 100 {
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

    /// How many of these refusals in a row, each by this holder, are waited after.
    static func patience(_ holders: [LockSchedule.Holder?], retries: Int = 2) -> Int {
        var locking = MemcachedSessionConfiguration.Locking()
        locking.retries = retries
        var schedule = LockSchedule(locking, deadline: start + .seconds(3_600))
        return holders.prefix { schedule.refused(by: $0, at: start, jitter: 0.5) != .giveUp }.count
    }

    @Test func `retries count against one holder, and begin anew when the lock changes hands`() throws {
        let first = LockSchedule.Holder.token(ByteBuffer(string: "first"))
        let second = LockSchedule.Holder.token(ByteBuffer(string: "second"))
        #expect(Self.patience([nil, first, first, first, first]) == 2)
        #expect(Self.patience([nil, first, second, second, second]) == 4)
        #expect(Self.patience([nil, first, second, first, second, first, second]) == 7)
        // Who it is was not seen in between: that is no change.
        #expect(Self.patience([nil, first, nil, first, first]) == 2)
        #expect(Self.patience([nil, nil, nil, nil]) == 2)
    }

    @Test func `a holder is known by its token, and PHP's by the CAS of its lock`() throws {
        func lock(_ value: String, _ cas: UInt64) -> MemcachedItem {
            MemcachedItem(value: ByteBuffer(string: value), cas: MemcachedCAS(rawValue: cas))
        }
        // Renewed: the same token with another CAS.
        #expect(LockSchedule.Holder(lock("token", 1)) == LockSchedule.Holder(lock("token", 2)))
        #expect(LockSchedule.Holder(lock("token", 1)) != LockSchedule.Holder(lock("other", 1)))
        #expect(LockSchedule.Holder(lock("1", 1)) == LockSchedule.Holder(lock("1", 1)))
        #expect(LockSchedule.Holder(lock("1", 1)) != LockSchedule.Holder(lock("1", 2)))
    }

    @Test func `nobody waits beyond the deadline`() {
        #expect(Self.waits(150, 150, 50, timeout: .milliseconds(500)) == [150, 150, 150])
        #expect(Self.waits(150, 150, 50, timeout: .milliseconds(100)) == [])
    }
}
