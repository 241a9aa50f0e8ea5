import NIOCore
import Testing

@testable import Memcached

/// How often refused credentials are tried: rarely enough for services that lock out, for as long as it takes.
@Suite struct RefusedCredentialsTests {
    private static let refused = MemcachedError(.authenticationRefused, "refused", outcome: .notSent)
    private static let unreachable = MemcachedError(.connectionFailed, "refused", outcome: .notSent)

    private func pauses() -> RetryPauses {
        RetryPauses(MemcachedConfiguration.Backoff(), refusals: MemcachedAuthentication.Backoff())
    }

    @Test func `pauses grow from a second to a minute, at least half of each`() {
        for (jitter, share) in [(0.0, 1.0), (1.0, 0.5), (0.5, 0.75)] {
            var pauses = pauses()
            let seconds = (0..<9)
                .map { _ in
                    Double(pauses.next(after: Self.refused, jitter: jitter).nanoseconds) / 1e9
                }
            #expect(seconds == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { $0 * share })
        }
    }

    @Test(arguments: [MemcachedError.Code.authenticationRefused, .serverNotAuthenticated])
    func `a server that cannot prove itself is left alone as long as one that refuses`(code: MemcachedError.Code) {
        var pauses = pauses()
        #expect(pauses.next(after: MemcachedError(code, ""), jitter: 0) == .seconds(1))
    }

    @Test func `a failure of the other kind begins at the first pause again`() {
        var pauses = pauses()
        for _ in 0..<10 { _ = pauses.next(after: Self.unreachable, jitter: 0) }
        #expect(pauses.next(after: Self.unreachable, jitter: 0) == .seconds(1))
        #expect(pauses.next(after: Self.refused, jitter: 0) == .seconds(1))
        #expect(pauses.next(after: Self.refused, jitter: 0) == .seconds(2))
        #expect(pauses.next(after: Self.unreachable, jitter: 0) == .milliseconds(50))
        #expect(pauses.next(after: Self.refused, jitter: 0) == .seconds(1))
    }

    /// Somebody asks every ten milliseconds for ten minutes, and each attempt is refused.
    @Test(arguments: [0.0, 0.5, 1.0])
    func `ten minutes of demand make a few attempts to authenticate`(jitter: Double) {
        var health = ServerHealth(
            threshold: 3,
            backoff: MemcachedConfiguration.Backoff(),
            refusals: MemcachedAuthentication.Backoff(),
            probeLease: .seconds(3)
        )
        var attempts = 0
        for now in stride(from: 0, to: 600_000, by: 10) {
            switch health.admit(at: now) {
            case .down(let error):
                #expect(error.code == .authenticationRefused)
            case .open, .probe:
                attempts += 1
                _ = health.failed(
                    Self.refused,
                    .connection,
                    began: .at(milliseconds: now),
                    now: .at(milliseconds: now),
                    jitter: jitter,
                    isProbe: false
                )
            }
        }
        #expect((14...30).contains(attempts), "\(attempts)")
    }

    @Test func `other credentials may be tried at once`() {
        var health = ServerHealth(threshold: 3, initial: .milliseconds(50))
        for now in [0, 1, 2] {
            _ = health.failed(
                Self.refused,
                .connection,
                began: .at(milliseconds: now),
                now: .at(milliseconds: now),
                jitter: 0,
                isProbe: false
            )
        }
        #expect(health.admit(at: 3).error?.code == .authenticationRefused)
        health.credentialsChanged(now: .at(milliseconds: 4))
        #expect(health.admit(at: 4).isProbe)
        // And if they are refused too, the pauses begin anew.
        _ = health.failed(
            Self.refused,
            .connection,
            began: .at(milliseconds: 4),
            now: .at(milliseconds: 4),
            jitter: 0,
            isProbe: true
        )
        #expect(health.admit(at: 1_003).error != nil)
        #expect(health.admit(at: 1_004).isProbe)
    }

    @Test func `other credentials do not bring back a server that cannot be reached`() {
        var health = ServerHealth(threshold: 1, initial: .seconds(1))
        _ = health.fail(.connection, began: 0, at: 0)
        health.credentialsChanged(now: .at(milliseconds: 1))
        #expect(health.admit(at: 1).error != nil)
        var up = ServerHealth(threshold: 1, initial: .seconds(1))
        up.credentialsChanged(now: .at(milliseconds: 1))
        #expect(up.admit(at: 1).isOpen)
    }

    // MARK: While a connection still works

    @Test func `a successor that is refused is tried after longer and longer pauses`() {
        var pool = TestPool()
        let first = FakeConnection()
        pool.connect(first)
        #expect(pool.retire(first) == true)
        var now = 0
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            _ = pool.connectFailed(Self.refused, now: .at(milliseconds: now))
            #expect(pool.readyConnection === first)
            #expect(pool.retire(nil, at: now + seconds * 1_000 - 1) == false)
            now += seconds * 1_000
            #expect(pool.retire(nil, at: now) == true)
        }
        _ = pool.connectFailed(Self.refused, now: .at(milliseconds: now))
        pool.credentialsChanged()
        #expect(pool.retire(nil, at: now) == true)
        let second = FakeConnection()
        let retired = pool.connected(second).retired
        #expect(retired === first)
        #expect(pool.readyConnection === second)
    }

    @Test func `a replacement that is asked for during a pause is not forgotten`() {
        var pool = TestPool()
        let first = FakeConnection()
        pool.connect(first)
        #expect(pool.retire(first) == true)
        _ = pool.connectFailed(Self.unreachable, now: .at(milliseconds: 0))
        _ = pool.connectionClosed(first)
        let second = FakeConnection()
        pool.connect(second)
        #expect(pool.retire(second, at: 500) == false)
        #expect(pool.isRetiring)
        #expect(pool.retire(nil, at: 1_000) == true)
    }
}
