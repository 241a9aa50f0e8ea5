import NIOCore
import Testing

@testable import Memcached

@Suite struct ConnectionUpkeepTests {
    private func upkeep(idle: Duration? = nil, age: Duration? = nil, keepAlive: Duration? = nil) -> ConnectionUpkeep {
        var pool = MemcachedConfiguration.Pool()
        pool.idleTime = idle
        pool.maximumAge = age
        pool.keepAliveInterval = keepAlive
        return ConnectionUpkeep(pool)
    }

    private func facts(
        used: Int = 0,
        sent: Int = 0,
        jitter: Double = 0,
        isBusy: Bool = false
    ) -> ConnectionUpkeep.Facts {
        ConnectionUpkeep.Facts(
            opened: .at(milliseconds: 0),
            jitter: jitter,
            used: .at(milliseconds: used),
            sent: .at(milliseconds: sent),
            isBusy: isBusy
        )
    }

    @Test func `without limits nothing is ever due`() {
        let (duty, next) = upkeep().duty(facts(), now: .at(milliseconds: 1_000_000_000))
        #expect(duty == .none)
        #expect(next == nil)
    }

    @Test func `what nobody has used for too long is closed`() {
        let upkeep = upkeep(idle: .milliseconds(100))
        let early = upkeep.duty(facts(used: 50), now: .at(milliseconds: 149))
        #expect(early.duty == .none)
        #expect(early.next == .at(milliseconds: 150))
        #expect(upkeep.duty(facts(used: 50), now: .at(milliseconds: 150)).duty == .close)
    }

    @Test func `what is in use is not idle, however long that takes`() {
        let (duty, next) = upkeep(idle: .milliseconds(100)).duty(facts(isBusy: true), now: .at(milliseconds: 5_000))
        #expect(duty == .none)
        #expect(next == .at(milliseconds: 5_100))
    }

    @Test(arguments: [(0.0, 1_000), (1.0, 750), (0.5, 875), (9.0, 750), (-1.0, 1_000), (.nan, 1_000)])
    func `what is old is replaced, in use or not, and not all at the same time`(jitter: Double, age: Int) {
        let upkeep = upkeep(age: .seconds(1))
        for isBusy in [false, true] {
            let facts = facts(used: age, jitter: jitter, isBusy: isBusy)
            #expect(upkeep.duty(facts, now: .at(milliseconds: age - 1)).duty == .none)
            #expect(upkeep.duty(facts, now: .at(milliseconds: age - 1)).next == .at(milliseconds: age))
            #expect(upkeep.duty(facts, now: .at(milliseconds: age)).duty == .replace)
        }
    }

    @Test func `what has been silent is sent something, and keepalives do not count as use`() {
        let upkeep = upkeep(idle: .milliseconds(100), keepAlive: .milliseconds(30))
        #expect(upkeep.duty(facts(used: 0, sent: 0), now: .at(milliseconds: 29)).next == .at(milliseconds: 30))
        let (duty, next) = upkeep.duty(facts(used: 0, sent: 0), now: .at(milliseconds: 30))
        #expect(duty == .keepAlive)
        #expect(next == .at(milliseconds: 60))
        #expect(upkeep.duty(facts(used: 0, sent: 90), now: .at(milliseconds: 95)).next == .at(milliseconds: 100))
        #expect(upkeep.duty(facts(used: 0, sent: 90), now: .at(milliseconds: 100)).duty == .close)
    }

    @Test(arguments: [Duration.seconds(Int64.max), .nanoseconds(1)])
    func `times as odd as they come do not overflow`(time: Duration) {
        let upkeep = upkeep(idle: time, age: time, keepAlive: time)
        for jitter in [0.0, 1.0] {
            _ = upkeep.duty(facts(jitter: jitter), now: .at(milliseconds: 0))
            _ = upkeep.duty(facts(jitter: jitter, isBusy: true), now: .uptimeNanoseconds(.max / 4))
        }
    }
}
