import NIOCore
import Testing

@testable import Memcached

@Suite struct TokenBucketTests {
    @Test func `a full bucket gives its tokens at once, and then one after the other`() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        let turns = (0..<6).map { _ in bucket.take(at: .at(milliseconds: 5_000)) }
        #expect(turns == [5_000, 5_000, 5_000, 5_100, 5_200, 5_300].map(NIODeadline.at(milliseconds:)))
    }

    @Test func `it fills up again, and no further than full`() {
        var bucket = TokenBucket(rate: 10, burst: 2)
        for _ in 0..<2 { _ = bucket.take(at: .at(milliseconds: 5_000)) }
        #expect(bucket.take(at: .at(milliseconds: 5_100)) == .at(milliseconds: 5_100))
        #expect(bucket.take(at: .at(milliseconds: 5_100)) == .at(milliseconds: 5_200))
        let later = (0..<3).map { _ in bucket.take(at: .at(milliseconds: 60_000)) }
        #expect(later == [60_000, 60_000, 60_100].map(NIODeadline.at(milliseconds:)))
    }

    @Test func `a token that is put back is there again, and a full bucket does not become fuller`() {
        var bucket = TokenBucket(rate: 10, burst: 2)
        bucket.putBack()
        for _ in 0..<20 {
            let turn = bucket.take(at: .at(milliseconds: 5_000))
            #expect(turn == .at(milliseconds: 5_000))
            bucket.putBack()
        }
        bucket.putBack()
        let turns = (0..<3).map { _ in bucket.take(at: .at(milliseconds: 6_000)) }
        #expect(turns == [6_000, 6_000, 6_100].map(NIODeadline.at(milliseconds:)))
    }

    @Test(arguments: [(0, 0), (-1, -1), (.max, .max), (1, .max), (.max, 1), (.min, .min)])
    func `numbers as odd as they come do not overflow`(rate: Int, burst: Int) {
        var bucket = TokenBucket(rate: rate, burst: burst)
        #expect(bucket.take(at: .at(milliseconds: 1)) == .at(milliseconds: 1))
        for _ in 0..<1_000 { #expect(bucket.take(at: .at(milliseconds: 1)) >= .at(milliseconds: 1)) }
    }

    @Test(arguments: UInt64(1)...5)
    func `no span of time gets more than its rate and one full bucket`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bucket = TokenBucket(rate: 100, burst: 20)
        var now = 0
        var turns: [NIODeadline] = []
        for _ in 0..<500 {
            now += generator.pick(0...12)
            turns.append(bucket.take(at: .at(milliseconds: now)))
        }
        #expect(turns == turns.sorted())
        for (index, turn) in turns.enumerated() {
            let inSecond = turns[index...].prefix { $0 <= turn + .seconds(1) }.count
            #expect(inSecond <= 121)
        }
    }

    @Test func `a turn that is given back is there for the next one`() {
        let limiter = ConnectLimiter(rate: 2, burst: 2)
        let now = NIODeadline.at(milliseconds: 1_000)
        for _ in 0..<10 {
            let turn = limiter.turn(isAuthenticating: true, now: now)
            #expect(turn == now)
            limiter.giveBack(isAuthenticating: true)
        }
    }

    @Test func `attempts with authentication take their own turn as well`() {
        let limiter = ConnectLimiter(rate: 20, burst: 4)
        let now = NIODeadline.at(milliseconds: 1_000)
        let turns = (0..<4).map { _ in limiter.turn(isAuthenticating: true, now: now) }
        #expect(turns == [1_000, 1_000, 1_100, 1_200].map(NIODeadline.at(milliseconds:)))
        #expect(limiter.turn(isAuthenticating: false, now: now) == .at(milliseconds: 1_050))
    }
}
