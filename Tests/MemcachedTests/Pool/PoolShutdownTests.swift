import NIOCore
import Testing

@testable import Memcached

/// Shutdown in every state of the pool.
@Suite struct PoolShutdownTests {
    var pool = TestPool()
    let connection = FakeConnection()

    /// What holds after shutdown, whatever was before.
    private mutating func expectShutDown() {
        #expect(pool.isShutDown)
        #expect(pool.readyConnection == nil)
        #expect(pool.waiterCount == 0)
        #expect(pool.acquire(90).error?.code == .clientShutDown)
        #expect(pool.acquire(91, full: connection).error?.code == .clientShutDown)
        #expect(pool.hasRoom(connection, count: 9).isNone)
        #expect(pool.connectionClosed(connection) == (false, false))
        #expect(pool.retireAll() == false)
        #expect(pool.grow(now: .at(milliseconds: 0)) == false)
        #expect(pool.fail().isEmpty)
        #expect(!pool.connected(FakeConnection()).isWanted)
        let again = pool.shutDown()
        #expect(again.release.isNone)
        #expect(again.connections.isEmpty)
        #expect(pool.isShutDown)
    }

    @Test mutating func `a pool that was never used`() {
        #expect(!pool.isShutDown)
        let (release, last) = pool.shutDown()
        #expect(release.isNone)
        #expect(last.isEmpty)
        expectShutDown()
    }

    @Test mutating func `while an attempt is under way those who wait are told, and the connection is not wanted`() {
        _ = pool.acquire(1)
        _ = pool.acquire(2)
        let (release, last) = pool.shutDown()
        #expect(release.failed == [1, 2])
        #expect(release.error?.code == .clientShutDown)
        #expect(release.error?.outcome == .notSent)
        #expect(last.isEmpty)
        let (late, _, _, isWanted) = pool.connected(connection)
        #expect(late.isNone)
        #expect(!isWanted)
        expectShutDown()
    }

    @Test mutating func `the connection is handed out to be drained, and those who wait for room are told`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        _ = pool.acquire(2, full: connection)
        let (release, last) = pool.shutDown()
        #expect(release.failed == [2])
        #expect(last.map(ObjectIdentifier.init) == [ObjectIdentifier(connection)])
        expectShutDown()
    }

    @Test mutating func `after an attempt failed`() {
        _ = pool.acquire(1)
        _ = pool.fail()
        #expect(pool.shutDown().connections.isEmpty)
        expectShutDown()
    }

    @Test mutating func `after a connection ended`() {
        _ = pool.acquire(1)
        _ = pool.connected(connection)
        _ = pool.connectionClosed(connection)
        #expect(pool.shutDown().connections.isEmpty)
        expectShutDown()
    }

    @Test mutating func `a failure that comes late is nobody's`() {
        _ = pool.acquire(1)
        _ = pool.shutDown()
        #expect(pool.fail().isEmpty)
        expectShutDown()
    }
}
