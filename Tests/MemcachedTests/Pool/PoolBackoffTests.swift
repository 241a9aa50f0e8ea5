import NIOCore
import Testing

@testable import Memcached

/// Pauses between attempts to reach a server that is out of reach.
@Suite struct PoolBackoffTests {
    @Test func `a failure tells those who wait and begins an outage`() {
        var pool = TestPool()
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.fail(at: 5) == (told: [1, 2], isOutageBeginning: true))
        #expect(pool.outageBegan == .at(milliseconds: 5))
        #expect(pool.waiterCount == 0)
    }

    @Test func `during a pause operations fail at once with the reason`() {
        var pool = TestPool()
        _ = pool.acquire(1)
        _ = pool.fail(at: 0)
        let error = pool.acquire(2, at: 99).error
        #expect(error?.code == .connectionFailed)
        #expect(error?.detail == "refused")
        #expect(pool.acquire(3, at: 100).connect == true)
        #expect(pool.acquire(4, at: 100).connect == false)
    }

    @Test func `pauses double up to the longest`() {
        var pool = TestPool(initial: .milliseconds(100), maximum: .milliseconds(700))
        var now = 0
        for pause in [100, 200, 400, 700, 700, 700] {
            #expect(pool.acquire(1, at: now).connect == true)
            let (_, isBeginning) = pool.fail(at: now)
            #expect(isBeginning == (now == 0))
            #expect(pool.acquire(2, at: now + pause - 1).error != nil)
            now += pause
        }
    }

    /// 1 leaves out all of the random half, 0 none of it.
    @Test(arguments: [(0.0, 100), (0.5, 75), (1.0, 50), (-3.0, 100), (7.0, 50), (.nan, 100), (.infinity, 50)])
    func `a pause is shortened by up to half`(jitter: Double, pause: Int) {
        var pool = TestPool(initial: .milliseconds(100))
        _ = pool.acquire(1)
        _ = pool.fail(at: 0, jitter: jitter)
        #expect(pool.acquire(2, at: pause - 1).error != nil)
        #expect(pool.acquire(3, at: pause).connect == true)
    }

    @Test func `success ends the outage and the pauses begin anew`() {
        var pool = TestPool()
        let connection = FakeConnection()
        var now = 0
        for pause in [100, 200, 400] {
            _ = pool.acquire(1, at: now)
            _ = pool.fail(at: now)
            now += pause
        }
        _ = pool.acquire(1, at: now)
        #expect(pool.connected(connection).outage == .at(milliseconds: 0))
        #expect(pool.outageBegan == nil)

        _ = pool.connectionClosed(connection, MemcachedError(.connectionLost, "gone"))
        #expect(pool.acquire(2, at: now).connect == true)
        #expect(pool.fail(at: now) == (told: [2], isOutageBeginning: true))
        #expect(pool.acquire(3, at: now + 99).error != nil)
        #expect(pool.acquire(4, at: now + 100).connect == true)
    }

    /// The outage is logged once, when it begins.
    @Test func `an outage begins once`() {
        var pool = TestPool()
        _ = pool.acquire(1)
        #expect(pool.fail(at: 0).isOutageBeginning)
        _ = pool.acquire(2, at: 500)
        #expect(!pool.fail(at: 500).isOutageBeginning)
        #expect(pool.outageBegan == .at(milliseconds: 0))
    }

    @Test(arguments: [
        (Duration.seconds(Int64.max), Duration.seconds(Int64.max)),
        (.nanoseconds(1), .seconds(Int64.max) + .seconds(Int64.max)),
        (.nanoseconds(1), .nanoseconds(1)),
        (.seconds(1), .milliseconds(1)),
        (.seconds(-1), .seconds(-1)),
    ])
    func `pauses as odd as they come do not overflow`(initial: Duration, maximum: Duration) {
        for jitter in [0.0, 1.0] {
            var pool = TestPool(initial: initial, maximum: maximum)
            for now in 0..<100 {
                guard pool.acquire(1, at: now).connect == true else { continue }
                #expect(pool.fail(at: now, jitter: jitter).told == [1])
            }
        }
    }

    @Test func `after a hundred failures the pause is the longest one`() {
        var pool = TestPool(initial: .milliseconds(1), maximum: .milliseconds(50))
        var now = 0
        for _ in 0..<100 {
            #expect(pool.acquire(1, at: now).connect == true)
            _ = pool.fail(at: now)
            now += 50
        }
        _ = pool.acquire(1, at: now)
        _ = pool.fail(at: now)
        #expect(pool.acquire(2, at: now + 49).error != nil)
        #expect(pool.acquire(3, at: now + 50).connect == true)
    }
}
