import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct LockLeaseTests {
    static let start = ContinuousClock.now

    static func cas(_ number: UInt64) throws -> MemcachedCAS { try #require(MemcachedCAS(rawValue: number)) }

    @Test func `the last second of a lease is not relied upon, and it begins with the sending`() throws {
        let lease = LockLease(cas: try Self.cas(1), sent: Self.start, lease: .seconds(3))
        #expect(lease.isHeld(at: Self.start + .milliseconds(1_999)))
        #expect(!lease.isHeld(at: Self.start + .seconds(2)))
        #expect(lease.remaining(at: Self.start + .milliseconds(500)) == .milliseconds(1_500))
        #expect(lease.remaining(at: Self.start + .seconds(5)) == .zero)
    }

    @Test func `a renewal gives it a new CAS and its full length, and never shortens it`() throws {
        var lease = LockLease(cas: try Self.cas(1), sent: Self.start, lease: .seconds(10))
        lease.renew(cas: try Self.cas(2), sent: Self.start + .seconds(4), lease: .seconds(10))
        #expect(lease.cas == (try Self.cas(2)))
        #expect(lease.isHeld(at: Self.start + .seconds(12)))
        lease.renew(cas: try Self.cas(3), sent: Self.start, lease: .seconds(3))
        #expect(lease.isHeld(at: Self.start + .seconds(12)))
    }

    @Test func `a lock that is recognised has another CAS and no longer life`() throws {
        var lease = LockLease(cas: try Self.cas(1), sent: Self.start, lease: .seconds(3))
        lease.recognise(cas: try Self.cas(9))
        #expect(lease.cas == (try Self.cas(9)))
        #expect(!lease.isHeld(at: Self.start + .seconds(2)))
    }

    @Test func `a lost lock is held at no time`() throws {
        var lease = LockLease(cas: try Self.cas(1), sent: Self.start, lease: .seconds(10))
        lease.lose()
        #expect(!lease.isHeld(at: Self.start))
        #expect(lease.remaining(at: Self.start) == .zero)
    }
}
