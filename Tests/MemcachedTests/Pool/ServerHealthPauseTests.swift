import NIOCore
import Testing

@testable import Memcached

/// How long a server that is down is left alone.
@Suite struct ServerHealthPauseTests {
    /// 1 leaves out all of the random part, 0 none of it.
    @Test(arguments: [(0.0, 100), (0.5, 75), (1.0, 50), (-3.0, 100), (7.0, 50), (.nan, 100), (.infinity, 50)])
    func `the first pause is half of itself at least`(jitter: Double, pause: Int) {
        var health = ServerHealth(threshold: 1, initial: .milliseconds(100))
        _ = health.fail(began: 0, at: 0, jitter: jitter)
        #expect(health.admit(at: pause - 1).error != nil)
        #expect(health.admit(at: pause).isProbe)
    }

    /// Clients that lost a server together do not come back together.
    @Test(arguments: [(0.0, 1_000), (0.5, 525), (1.0, 50)])
    func `a long pause is random over nearly all of it`(jitter: Double, pause: Int) {
        var health = ServerHealth(threshold: 1, initial: .milliseconds(100))
        for now in 0..<10 { _ = health.fail(began: now, at: now) }
        _ = health.fail(began: 10, at: 10, jitter: jitter)
        #expect(health.admit(at: 10 + pause - 1).error != nil)
        #expect(health.admit(at: 10 + pause).isProbe)
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
            var health = ServerHealth(threshold: 1, initial: initial, maximum: maximum)
            for now in 0..<100 {
                _ = health.fail(began: now, at: now, jitter: jitter)
                #expect(health.phase == .down)
                _ = health.admit(at: now)
            }
        }
    }

    /// Whatever happens, in whatever order: a server that is down is tried again after the longest pause and a lease.
    @Test(arguments: UInt64(1)...8)
    func `a server is never given up`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var health = ServerHealth(threshold: 3, initial: .milliseconds(5), maximum: .milliseconds(40))
        var now = 0
        for _ in 0..<2_000 {
            now += generator.pick(0...4)
            let began = max(0, now - generator.pick(0...30))
            switch generator.pick(0...4) {
            case 0: _ = health.fail(began: began, at: now, isProbe: generator.happens(percent: 20))
            case 1: _ = health.fail(.connection, began: began, at: now, jitter: 0.3)
            case 2: health.giveBackProbe()
            case 3 where generator.happens(percent: 20):
                _ = health.answer(
                    began: began,
                    at: now,
                    isAboutKey: generator.happens(percent: 50),
                    isProbe: generator.happens(percent: 50)
                )
            default: _ = health.admit(at: now)
            }
            #expect((health.phase == .up) == (health.failing == nil))
            var later = health
            #expect(later.admit(at: now + 40 + 3_000).error == nil)
        }
    }
}
