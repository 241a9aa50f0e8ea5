import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct LockClaimTests {
    static func cas(_ number: UInt64) throws -> MemcachedCAS { try #require(MemcachedCAS(rawValue: number)) }

    @Test func `a late success is kept while the claim is open and deleted when it is given up`() throws {
        var claim = LockClaim()
        #expect(claim.late(try Self.cas(1)) == nil)
        #expect(claim.abandon() == .init(strays: [try Self.cas(1)], look: .never))
        #expect(claim.abandon() == .init(strays: [], look: .never))
    }

    @Test func `a late success after giving up is deleted at once`() throws {
        var claim = LockClaim()
        #expect(claim.abandon() == .init(strays: [], look: .never))
        #expect(claim.late(try Self.cas(2)) == (try Self.cas(2)))
    }

    @Test func `a late success of a lock that is held is left alone`() throws {
        var claim = LockClaim()
        #expect(claim.late(try Self.cas(3)) == nil)
        claim.settle(try Self.cas(3))
        #expect(claim.late(try Self.cas(3)) == nil)
        #expect(claim.abandon() == .init(strays: [], look: .never))
    }

    @Test func `a late success of another lock than the one that was held is deleted`() throws {
        var claim = LockClaim()
        claim.settle(try Self.cas(3))
        #expect(claim.late(try Self.cas(4)) == (try Self.cas(4)))

        // Nobody knows which lock is held on a server that keeps no CAS.
        var unfenced = LockClaim()
        unfenced.settle(nil)
        #expect(unfenced.late(try Self.cas(4)) == nil)
    }

    @Test func `an answer that was lost has to be looked for, later if the server does not answer`() throws {
        let start = ContinuousClock.now
        var claim = LockClaim()
        claim.lost(sent: start)
        claim.lost(sent: start + .seconds(1))
        #expect(claim.uncertainSince == start)
        #expect(claim.abandon() == .init(strays: [], look: .now))

        var late = LockClaim()
        late.lost(sent: start)
        #expect(late.late(try Self.cas(1)) == nil)
        #expect(late.abandon() == .init(strays: [try Self.cas(1)], look: .never))

        var silent = LockClaim()
        silent.lost(sent: start)
        silent.unreachable()
        #expect(silent.abandon() == .init(strays: [], look: .later))
    }

    @Test func `what is given up cannot be held any more`() throws {
        var claim = LockClaim()
        _ = claim.abandon()
        claim.settle(try Self.cas(4))
        #expect(claim.late(try Self.cas(4)) == (try Self.cas(4)))
    }
}
