import NIOCore
import Testing

@testable import Memcached

/// Thousands of random events in any order, the impossible ones included.
@Suite struct PoolStateMachineRandomTests {
    /// A pool and what happened around it.
    struct Life {
        var generator: SeededGenerator
        var pool: TestPool
        let limit: Int
        var now = 0
        /// The number of each waiter, and its deadline, as long as it waits.
        var waiting: [Int: (id: UInt64, deadline: Int)] = [:]
        var ids: [UInt64] = []
        var told: [Int: Int] = [:]
        var waiterCount = 0
        /// Attempts under way: there is never more than one.
        var attempts = 0
        var connections: [FakeConnection] = []
        /// Those that the pool has.
        var present: [FakeConnection] = []
        var isShutDown = false

        init(seed: UInt64, limit: Int) {
            generator = SeededGenerator(seed: seed)
            pool = TestPool(waiters: 20, connections: limit)
            self.limit = limit
        }

        var served: Bool { present.contains { !$0.isSuspect } }

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

        mutating func noteAttempt(_ connect: Bool) {
            guard connect else { return }
            attempts += 1
            #expect(attempts == 1)
            #expect(!isShutDown)
        }
    }

    @Test(arguments: UInt64(1)...8, [1, 2, 4])
    func `each waiter is told once, and there is one attempt at a time`(seed: UInt64, limit: Int) {
        var life = Life(seed: seed, limit: limit)
        for _ in 0..<2_000 {
            life.now += life.generator.pick(0...3)
            switch life.generator.pick(0...999) {
            case 0..<350: Self.acquire(&life)
            case 350..<430:
                guard let id = life.ids.randomElement(using: &life.generator) else { continue }
                let waiter = life.waiting.first { $0.value.id == id }?.key
                #expect(life.pool.cancel(id: id) == waiter)
                if let waiter { life.tell([waiter]) }
            case 430..<510:
                let due = life.waiting.filter { $0.value.deadline <= life.now }.map(\.key).sorted()
                let (expired, next) = life.pool.expire(at: .at(milliseconds: life.now))
                #expect(expired == due)
                life.tell(expired)
                #expect(next == life.waiting.values.map(\.deadline).min().map(NIODeadline.at(milliseconds:)))
            case 510..<610: Self.connect(&life)
            case 610..<690: Self.fail(&life)
            case 690..<770: Self.close(&life)
            case 770..<830: Self.change(&life)
            case 830..<850: Self.retire(&life)
            case 850..<998: Self.room(&life)
            default:
                guard life.generator.happens(percent: 10) else { continue }
                Self.shutDown(&life)
            }
            #expect(life.pool.waiterCount == life.waiting.count)
            #expect(life.pool.isShutDown == life.isShutDown)
            #expect(life.pool.connections.count == life.present.count)
            // The suspect ones, and one whose successor has just been made, come on top.
            #expect(life.present.count <= 2 * limit)
        }
        Self.shutDown(&life)
        #expect(life.told.count == life.waiterCount)
        #expect(life.told.values.allSatisfy { $0 == 1 })
    }

    private static func acquire(_ life: inout Life) {
        let waiter = life.waiterCount
        life.waiterCount += 1
        let full = life.generator.happens(percent: 30) ? life.connections.randomElement(using: &life.generator) : nil
        let deadline = life.now + life.generator.pick(0...50)
        let wantsAnother = life.generator.happens(percent: 5)
        switch life.pool.acquire(waiter, full: full, wantsAnother: wantsAnother, at: life.now, deadline: deadline) {
        case .use(let connection):
            #expect(life.present.contains { $0 === connection })
            #expect(connection !== full)
            #expect(!connection.isSuspect)
            life.told[waiter, default: 0] += 1
        case .fail(let error):
            #expect(error.outcome == .notSent)
            life.told[waiter, default: 0] += 1
        case .wait(let id, let connect):
            #expect(!life.isShutDown)
            #expect(!life.ids.contains(id))
            life.noteAttempt(connect)
            // Nobody waits for nothing: an attempt, room on a connection, or the word of a suspect one is to come.
            #expect(life.attempts == 1 || !life.present.isEmpty)
            life.waiting[waiter] = (id, deadline)
            life.ids.append(id)
        }
    }

    private static func connect(_ life: inout Life) {
        let connection = FakeConnection(load: life.generator.pick(0...20))
        life.connections.append(connection)
        let (release, retired, connect, isWanted) = life.pool.connected(connection)
        #expect(isWanted == (life.attempts == 1 && !life.isShutDown))
        life.attempts = 0
        life.noteAttempt(connect)
        if isWanted {
            #expect(release.resumed.count == life.waiting.count)
            life.present.append(connection)
        }
        if let retired {
            #expect(retired !== connection)
            #expect(life.pool.draining.contains { $0 === retired })
            life.present.removeAll { $0 === retired }
        }
        life.tell(release)
    }

    private static func fail(_ life: inout Life) {
        let told = life.pool.fail(at: life.now)
        if life.attempts == 0 {
            #expect(told.isEmpty)
        } else if !life.served {
            #expect(told.count == life.waiting.count)
        }
        life.attempts = 0
        life.tell(told)
    }

    private static func close(_ life: inout Life) {
        guard let connection = life.connections.randomElement(using: &life.generator) else { return }
        let wasPresent = life.present.contains { $0 === connection }
        let (wasOurs, connect) = life.pool.connectionClosed(connection)
        #expect(wasOurs == wasPresent)
        life.present.removeAll { $0 === connection }
        life.noteAttempt(connect)
        #expect(!life.pool.draining.contains { $0 === connection })
        // Whoever waits and has nobody left to wait for gets an attempt.
        if wasOurs, !life.waiting.isEmpty, !life.served { #expect(life.attempts == 1) }
    }

    /// Load and suspicion come and go by themselves.
    private static func change(_ life: inout Life) {
        guard let connection = life.present.randomElement(using: &life.generator) else { return }
        connection.load = life.generator.pick(0...20)
        connection.isSuspect = life.generator.happens(percent: 40)
        if connection.isSuspect { return life.noteAttempt(life.pool.grow(now: .at(milliseconds: life.now))) }
        life.tell(life.pool.hasRoom(connection, count: .max))
    }

    private static func retire(_ life: inout Life) {
        let due = life.present.randomElement(using: &life.generator)
        if life.generator.happens(percent: 30), let due {
            #expect(life.pool.release(due) == true)
            life.present.removeAll { $0 === due }
            #expect(life.pool.draining.contains { $0 === due })
            // The shell does so only with one that nobody uses; who waits all the same has its deadline.
            life.tell(life.pool.expire(at: .distantFuture).expired)
        } else {
            let connect = life.pool.retire(due, at: life.now)
            life.noteAttempt(connect)
        }
    }

    private static func room(_ life: inout Life) {
        guard let connection = life.connections.randomElement(using: &life.generator) else { return }
        let count = life.generator.pick(0...5)
        let release = life.pool.hasRoom(connection, count: count)
        #expect(release.resumed.count <= count)
        #expect(release.failed.isEmpty)
        if connection.isSuspect || !life.present.contains(where: { $0 === connection }) { #expect(release.isNone) }
        life.tell(release)
    }

    private static func shutDown(_ life: inout Life) {
        let (release, connections) = life.pool.shutDown()
        life.tell(release)
        #expect(life.waiting.isEmpty)
        for connection in life.present { #expect(connections.contains { $0 === connection }) }
        #expect(life.pool.connections.isEmpty)
        life.isShutDown = true
        life.attempts = 0
        life.present = []
    }
}
