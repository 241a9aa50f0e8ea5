import NIOCore
import Testing

@testable import Memcached

/// Several connections to one server: when another one is made, and which of them an operation gets.
@Suite struct PoolGrowthTests {
    var pool = TestPool(connections: 2)
    let first = FakeConnection()
    let second = FakeConnection()

    private mutating func grow(at now: Int = 0) -> Bool { pool.grow(now: .at(milliseconds: now)) }

    @Test mutating func `one connection is enough as long as it is not busy`() {
        pool.connect(first)
        first.load = 9
        #expect(!pool.ready.isBusy)
        #expect(grow() == false)
        #expect(pool.acquire(1).connection === first)
    }

    @Test mutating func `when it is busy another one is made meanwhile, once`() {
        pool.connect(first)
        first.load = 10
        #expect(pool.ready.isBusy)
        #expect(grow() == true)
        #expect(grow() == false)
        #expect(pool.acquire(1).connection === first)
        #expect(pool.connected(second).isWanted == true)
        #expect(pool.ready.connection === second)
        second.load = 10
        // There may be two, and there are.
        #expect(!pool.ready.isBusy)
        #expect(grow() == false)
    }

    @Test mutating func `the least loaded one is used`() {
        pool.connect(first)
        pool.connect(second)
        for (one, other) in [(3, 2), (2, 3), (0, 1), (500, 20)] {
            first.load = one
            second.load = other
            #expect(pool.ready.connection === (one < other ? first : second))
        }
    }

    @Test mutating func `one that says nothing is avoided`() {
        pool.connect(first)
        pool.connect(second)
        second.load = 5
        first.isSuspect = true
        #expect(pool.ready.connection === second)
        first.isSuspect = false
        #expect(pool.ready.connection === first)
    }

    @Test mutating func `one that says nothing is replaced before it has ended, even if there may be but one`() {
        pool = TestPool(connections: 1)
        pool.connect(first)
        first.isSuspect = true
        #expect(pool.ready.connection == nil)
        #expect(pool.acquire(1).connect == true)
        #expect(pool.acquire(2).connect == false)
        #expect(pool.connected(second).release.resumed == [1, 2])
        #expect(pool.ready.connection === second)
        // Two that say nothing are as many as there may be.
        second.isSuspect = true
        #expect(pool.acquire(3).connect == false)
        #expect(pool.connectionClosed(first) == (wasOurs: true, connect: true))
    }

    @Test mutating func `who waits for one that is heard of again goes on with it`() {
        pool = TestPool(connections: 1)
        pool.connect(first)
        first.isSuspect = true
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.hasRoom(first, count: .max).isNone)
        first.isSuspect = false
        #expect(pool.hasRoom(first, count: .max).resumed == [1, 2])
        // The attempt goes on, and what it makes is one of the two that say something.
        #expect(pool.connected(second).isWanted == true)
    }

    @Test mutating func `when no other can be made those that there are suffice for a while`() {
        pool.connect(first)
        first.load = 10
        #expect(grow(at: 5) == true)
        #expect(pool.fail(at: 10).isEmpty)
        #expect(pool.ready.connection === first)
        #expect(grow(at: 1_009) == false)
        #expect(grow(at: 1_010) == true)
    }

    @Test mutating func `a failed attempt fails nobody who may still get room`() {
        pool.connect(first)
        first.load = 10
        _ = pool.acquire(1, full: first)
        _ = pool.acquire(2, wantsAnother: true)
        #expect(pool.fail(at: 10) == [2])
        #expect(pool.hasRoom(first, count: 5).resumed == [1])
        // Who asks for another one in that time hears why there is none.
        #expect(pool.acquire(3, wantsAnother: true, at: 500).error?.code == .connectionFailed)
        #expect(pool.acquire(4, wantsAnother: true, at: 1_010).connect == true)
    }

    @Test mutating func `who finds one full gets another one that is not, and waits when all are`() {
        pool.connect(first)
        pool.connect(second)
        #expect(pool.acquire(1, full: first).connection === second)
        #expect(pool.acquire(2).connection === second)
        #expect(pool.acquire(3, full: second).id != nil)
        #expect(pool.acquire(4).id != nil)
        #expect(pool.hasRoom(second, count: 1).resumed == [3])
        #expect(pool.acquire(5).connection === second)
        #expect(pool.hasRoom(first, count: 9).resumed == [4])
    }

    @Test mutating func `who finds the only one full has another one made`() {
        pool.connect(first)
        #expect(pool.acquire(1, full: first).connect == true)
        #expect(pool.connected(second).release.resumed == [1])
    }

    @Test mutating func `warming up goes on until there are as many as there may be`() {
        pool = TestPool(connections: 3)
        for number in 1...3 {
            #expect(pool.hasSpace)
            #expect(pool.acquire(number, wantsAnother: true).connect == true)
            #expect(pool.connected(FakeConnection()).release.resumed == [number])
        }
        #expect(!pool.hasSpace)
        #expect(pool.acquire(9, wantsAnother: true).connection != nil)
    }

    @Test mutating func `an old one goes when its successor has come`() {
        pool = TestPool(connections: 1)
        pool.connect(first)
        #expect(pool.retire(first) == true)
        #expect(pool.acquire(1).connection === first)
        let (_, retired, connect, isWanted) = pool.connected(second)
        #expect(isWanted)
        #expect(retired === first)
        #expect(!connect)
        #expect(pool.acquire(2).connection === second)
        // It is kept an eye on until it has ended.
        #expect(pool.draining.count == 1)
        _ = pool.connectionClosed(first)
        #expect(pool.draining.isEmpty)
    }

    @Test mutating func `all are replaced one after the other`() {
        pool.connect(first)
        pool.connect(second)
        let third = FakeConnection()
        #expect(pool.retireAll() == true)
        let (_, one, goesOn, _) = pool.connected(third)
        #expect(one === first)
        #expect(goesOn)
        let (_, other, isOver, _) = pool.connected(FakeConnection())
        #expect(other === second)
        #expect(!isOver)
        #expect(pool.connections.count == 2)
    }

    @Test mutating func `an old one stays when no successor can be made, until one can`() {
        pool.connect(first)
        #expect(pool.retireAll() == true)
        #expect(pool.fail(at: 10).isEmpty)
        #expect(pool.ready.connection === first)
        #expect(pool.isRetiring)
        #expect(pool.retire(nil, at: 1_009) == false)
        #expect(pool.retire(nil, at: 1_010) == true)
        #expect(pool.connected(second).retired === first)
        #expect(!pool.isRetiring)
    }
}
