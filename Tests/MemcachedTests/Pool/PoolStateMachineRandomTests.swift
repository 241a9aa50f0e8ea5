import NIOCore
import Testing

@testable import Memcached

/// Thousands of random events in any order, the impossible ones included.
@Suite struct PoolStateMachineRandomTests {
    /// A pool and what happened around it.
    struct Life {
        var generator: SeededGenerator
        var pool = TestPool(waiters: 20)
        var now = 0
        /// The number of each waiter, and its deadline, as long as it waits.
        var waiting: [Int: (id: UInt64, deadline: Int)] = [:]
        var ids: [UInt64] = []
        var told: [Int: Int] = [:]
        var waiterCount = 0
        /// Attempts under way: there is never more than one.
        var attempts = 0
        var connections: [FakeConnection] = []
        var isShutDown = false

        init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

        mutating func tell(_ waiters: [Int]) {
            for waiter in waiters {
                told[waiter, default: 0] += 1
                #expect(waiting.removeValue(forKey: waiter) != nil)
            }
        }

        /// Those who are told have to be in the order in which they came.
        mutating func tell(_ release: TestPool.Release) {
            let waiters = release.resumed + release.failed
            #expect(waiters == waiters.sorted())
            tell(waiters)
        }
    }

    @Test(arguments: UInt64(1)...20)
    func `each waiter is told once, and there is one attempt at a time`(seed: UInt64) {
        var life = Life(seed: seed)
        for _ in 0..<4_000 {
            life.now += life.generator.pick(0...3)
            switch life.generator.pick(0...999) {
            case 0..<400: Self.acquire(&life)
            case 400..<480:
                guard let id = life.ids.randomElement(using: &life.generator) else { continue }
                let waiter = life.waiting.first { $0.value.id == id }?.key
                #expect(life.pool.cancel(id: id) == waiter)
                if let waiter { life.tell([waiter]) }
            case 480..<560:
                let due = life.waiting.filter { $0.value.deadline <= life.now }.map(\.key).sorted()
                let (expired, next) = life.pool.expire(at: .at(milliseconds: life.now))
                #expect(expired == due)
                life.tell(expired)
                #expect(next == life.waiting.values.map(\.deadline).min().map(NIODeadline.at(milliseconds:)))
            case 560..<660: Self.connect(&life)
            case 660..<760: Self.fail(&life)
            case 760..<860: Self.close(&life)
            case 860..<998:
                guard let connection = life.connections.randomElement(using: &life.generator) else { continue }
                let count = life.generator.pick(0...5)
                let release = life.pool.hasRoom(connection, count: count)
                #expect(release.resumed.count <= count)
                #expect(release.failed.isEmpty)
                if connection !== life.pool.readyConnection { #expect(release.isNone) }
                life.tell(release)
            default:
                guard life.generator.happens(percent: 10) else { continue }
                Self.shutDown(&life)
            }
            #expect(life.pool.waiterCount == life.waiting.count)
            #expect(life.pool.isShutDown == life.isShutDown)
            #expect(life.attempts <= 1)
        }
        Self.shutDown(&life)
        #expect(life.told.count == life.waiterCount)
        #expect(life.told.values.allSatisfy { $0 == 1 })
    }

    private static func acquire(_ life: inout Life) {
        let waiter = life.waiterCount
        life.waiterCount += 1
        let full = life.generator.happens(percent: 50) ? life.connections.randomElement(using: &life.generator) : nil
        let deadline = life.now + life.generator.pick(0...50)
        let ready = life.pool.readyConnection
        switch life.pool.acquire(waiter, full: full, deadline: deadline) {
        case .use(let connection):
            #expect(connection === ready)
            #expect(connection !== full)
            life.told[waiter, default: 0] += 1
        case .fail(let error):
            #expect(error.outcome == .notSent)
            life.told[waiter, default: 0] += 1
        case .wait(let id, let connect):
            #expect(!life.isShutDown)
            #expect(!life.ids.contains(id))
            if connect { life.attempts += 1 } else { #expect(ready != nil || life.attempts == 1) }
            life.waiting[waiter] = (id, deadline)
            life.ids.append(id)
        }
    }

    private static func connect(_ life: inout Life) {
        let connection = FakeConnection()
        life.connections.append(connection)
        let (release, isWanted) = life.pool.connected(connection)
        #expect(isWanted == (life.attempts == 1 && !life.isShutDown))
        #expect((life.pool.readyConnection === connection) == isWanted)
        life.attempts = 0
        if isWanted { #expect(release.resumed.count == life.waiting.count) }
        life.tell(release)
    }

    private static func fail(_ life: inout Life) {
        let told = life.pool.fail()
        if life.attempts == 0 { #expect(told.isEmpty) } else { #expect(told.count == life.waiting.count) }
        life.attempts = 0
        life.tell(told)
    }

    private static func close(_ life: inout Life) {
        guard let connection = life.connections.randomElement(using: &life.generator) else { return }
        let wasReady = life.pool.readyConnection === connection
        let release = life.pool.connectionClosed(connection, MemcachedError(.connectionLost, "gone"))
        #expect(release.resumed.isEmpty)
        if wasReady { #expect(release.failed.count == life.waiting.count) } else { #expect(release.isNone) }
        life.tell(release)
    }

    private static func shutDown(_ life: inout Life) {
        let (release, _) = life.pool.shutDown()
        life.tell(release)
        #expect(life.waiting.isEmpty)
        life.isShutDown = true
        life.attempts = 0
    }
}
