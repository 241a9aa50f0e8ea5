import NIOCore
import Testing

@testable import Memcached

@Suite struct PoolStateMachineTests {
    var pool = TestPool()
    let connection = FakeConnection()

    @Test mutating func `the first operation starts an attempt, the others wait for it`() {
        #expect(pool.acquire(1).connect == true)
        #expect(pool.acquire(2).connect == false)
        #expect(pool.acquire(3).connect == false)
        #expect(pool.waiterCount == 3)
        #expect(pool.readyConnection == nil)
        let (release, _, _, isWanted) = pool.connected(connection)
        #expect(release.resumed == [1, 2, 3])
        #expect(isWanted)
        #expect(pool.waiterCount == 0)
        #expect(pool.readyConnection === connection)
    }

    @Test mutating func `with a connection nobody waits`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        #expect(pool.acquire(2).connection === connection)
        #expect(pool.waiterCount == 0)
    }

    @Test mutating func `an attempt goes on when those who wait for it have gone`() {
        let id = pool.acquire(1).id
        #expect(pool.cancel(id: id ?? 0) == 1)
        #expect(pool.acquire(2).connect == false)
        let (release, _, _, isWanted) = pool.connected(connection)
        #expect(release.resumed == [2])
        #expect(isWanted)
    }

    @Test mutating func `an attempt that nobody waits for any more is used later`() {
        let id = pool.acquire(1).id
        _ = pool.cancel(id: id ?? 0)
        let (release, _, _, isWanted) = pool.connected(connection)
        #expect(release.isNone)
        #expect(isWanted)
        #expect(pool.acquire(2).connection === connection)
    }

    @Test mutating func `a connection that nobody asked for is not wanted`() {
        let (release, _, _, isWanted) = pool.connected(connection)
        #expect(release.isNone)
        #expect(!isWanted)
        #expect(pool.readyConnection == nil)
    }

    @Test mutating func `a second connection is not wanted and does not replace the first`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        #expect(!pool.connected(FakeConnection()).isWanted)
        #expect(pool.readyConnection === connection)
    }

    @Test mutating func `a failure that belongs to no attempt changes nothing`() {
        #expect(pool.fail().isEmpty)
        #expect(pool.acquire(1).connect == true)
        _ = pool.connected(connection)
        #expect(pool.fail().isEmpty)
        #expect(pool.readyConnection === connection)
    }

    @Test mutating func `a failure tells those who wait, and the next operation starts an attempt`() {
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        #expect(pool.fail() == [1, 2])
        #expect(pool.waiterCount == 0)
        #expect(pool.acquire(3).connect == true)
    }

    @Test mutating func `who gives up is told once`() {
        let first = pool.acquire(1).id
        let second = pool.acquire(2).id
        #expect(pool.cancel(id: first ?? 0) == 1)
        #expect(pool.cancel(id: first ?? 0) == nil)
        #expect(pool.connected(connection).release.resumed == [2])
        #expect(pool.cancel(id: second ?? 0) == nil)
        #expect(pool.cancel(id: 77) == nil)
    }

    @Test mutating func `those are told whose deadline has come`() {
        _ = pool.acquire(1, deadline: 30)
        _ = pool.acquire(2, deadline: 10)
        _ = pool.acquire(3, deadline: 20)
        _ = pool.acquire(4, deadline: 40)
        let early = pool.expire(at: .at(milliseconds: 9))
        #expect(early.expired.isEmpty)
        #expect(early.next == .at(milliseconds: 10))
        let (expired, next) = pool.expire(at: .at(milliseconds: 20))
        #expect(expired == [2, 3])
        #expect(next == .at(milliseconds: 30))
        #expect(pool.expire(at: .at(milliseconds: 40)).expired == [1, 4])
        #expect(pool.expire(at: .at(milliseconds: 50)).next == nil)
        #expect(pool.connected(connection).release.isNone)
    }

    @Test mutating func `who finds the connection full waits for room on it`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        #expect(pool.acquire(2, full: connection).connect == false)
        #expect(pool.acquire(3, full: connection).connect == false)
        #expect(pool.acquire(4, full: connection).connect == false)
        #expect(pool.hasRoom(connection, count: 2).resumed == [2, 3])
        #expect(pool.hasRoom(connection, count: 9).resumed == [4])
        #expect(pool.hasRoom(connection, count: 9).isNone)
    }

    @Test mutating func `who found another connection full gets the present one`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        #expect(pool.acquire(2, full: FakeConnection()).connection === connection)
    }

    @Test mutating func `room on another connection is for nobody here`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        _ = pool.acquire(2, full: connection)
        #expect(pool.hasRoom(FakeConnection(), count: 9).isNone)
        #expect(pool.waiterCount == 1)
    }

    @Test mutating func `when a full connection ends, those who waited for room on it wait for the next one`() {
        pool.connect(connection)
        _ = pool.acquire(2, full: connection)
        #expect(pool.connectionClosed(connection) == (wasOurs: true, connect: true))
        #expect(pool.readyConnection == nil)
        #expect(pool.acquire(3, full: connection).connect == false)
        #expect(pool.connected(FakeConnection()).release.resumed == [2, 3])
    }

    @Test mutating func `when nobody waits no other connection is made`() {
        pool.connect(connection)
        #expect(pool.connectionClosed(connection) == (wasOurs: true, connect: false))
        #expect(pool.acquire(3).connect == true)
    }

    @Test mutating func `the end of another connection changes nothing`() {
        _ = pool.acquire(1)
        #expect(pool.connectionClosed(connection) == (wasOurs: false, connect: false))
        _ = pool.connected(connection)
        #expect(pool.connectionClosed(FakeConnection()) == (wasOurs: false, connect: false))
        #expect(pool.readyConnection === connection)
    }

    @Test mutating func `a connection ends once`() {
        pool.connect(connection)
        _ = pool.connectionClosed(connection)
        #expect(pool.acquire(2).connect == true)
        #expect(pool.connectionClosed(connection) == (wasOurs: false, connect: false))
        #expect(pool.waiterCount == 1)
    }

    @Test func `no more wait than allowed`() {
        var pool = TestPool(waiters: 2)
        #expect(pool.acquire(1).id != nil)
        let second = pool.acquire(2).id
        let refusal = pool.acquire(3).error
        #expect(refusal?.code == .overloaded)
        #expect(refusal?.outcome == .notSent)
        #expect(pool.waiterCount == 2)
        _ = pool.cancel(id: second ?? 0)
        #expect(pool.acquire(4).id != nil)
    }

    @Test func `waiting for room is bounded as well`() {
        var pool = TestPool(waiters: 1)
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        #expect(pool.acquire(2, full: connection).id != nil)
        #expect(pool.acquire(3, full: connection).error?.code == .overloaded)
        // Who comes later does not overtake.
        #expect(pool.acquire(4).error?.code == .overloaded)
        #expect(pool.hasRoom(connection, count: 1).resumed == [2])
        #expect(pool.acquire(5).connection === connection)
    }

    @Test func `with no waiting allowed one still waits for the attempt that it starts`() {
        var pool = TestPool(waiters: 0)
        #expect(pool.acquire(1).connect == true)
        #expect(pool.acquire(2).error?.code == .overloaded)
        #expect(pool.connected(connection).release.resumed == [1])
    }
}
