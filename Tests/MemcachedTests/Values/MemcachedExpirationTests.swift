import Foundation
import Testing

@testable import Memcached

@Suite struct MemcachedExpirationTests {
    /// November 2023.
    static let now: Int64 = 1_700_000_000
    static let past: UInt32 = 2_592_001
    static let latest: UInt32 = 0xFFFF_FFFE
    static let huge = Duration.seconds(Int64.max) + .seconds(Int64.max)

    @Test func `never is 0`() {
        #expect(MemcachedExpiration.never.wireValue() == 0)
    }

    @Test(
        arguments: [
            (.seconds(1), 1),
            (.seconds(60), 60),
            (.nanoseconds(1), 1),
            (.milliseconds(1), 1),
            (.milliseconds(999), 1),
            (.milliseconds(1_001), 2),
            (Duration(secondsComponent: 5, attosecondsComponent: 1), 6),
            (.seconds(2_592_000), 2_592_000),
            (.seconds(2_592_000) - .nanoseconds(1), 2_592_000),
        ] as [(Duration, UInt32)]
    )
    func `up to thirty days it is relative, a part of a second counting as one`(duration: Duration, word: UInt32) {
        #expect(MemcachedExpiration.after(duration).wireValue { Self.now } == word)
    }

    @Test(
        arguments: [
            (.seconds(2_592_000) + .nanoseconds(1), 2_592_001),
            (.seconds(2_592_001), 2_592_001),
            (.seconds(86_400 * 365), 86_400 * 365),
        ] as [(Duration, Int64)]
    )
    func `beyond thirty days it is an instant`(duration: Duration, seconds: Int64) {
        #expect(MemcachedExpiration.after(duration).wireValue { Self.now } == UInt32(Self.now + seconds))
    }

    /// Sent as it is, 0 would mean never and a negative number the year 2106.
    @Test(arguments: [
        Duration.zero, .nanoseconds(-1), .milliseconds(-999), .seconds(-1), .seconds(Int64.min),
        .seconds(Int64.min) + .seconds(Int64.min),
    ])
    func `what has passed is gone at once`(duration: Duration) {
        #expect(MemcachedExpiration.after(duration).wireValue { Self.now } == Self.past)
    }

    @Test(arguments: [
        Duration.seconds(0xFFFF_FFFE - now), .seconds(0xFFFF_FFFF - now), .seconds(0xFFFF_FFFF), .seconds(1 << 40),
        .seconds(Int64.max), .seconds(Int64.max) + .milliseconds(1), huge,
    ])
    func `the last instant is in the year 2106, and never the word that means another thing`(duration: Duration) {
        #expect(MemcachedExpiration.after(duration).wireValue { Self.now } == Self.latest)
    }

    @Test(arguments: [Int64.min, -2_592_001, -1, 0, 1, 0xFFFF_FFFF, .max])
    func `a clock that is wrong makes no item eternal`(now: Int64) {
        for seconds in [Int64(1), 2_592_000, 2_592_001, 100_000_000] {
            let word = MemcachedExpiration.after(.seconds(seconds)).wireValue { now }
            #expect(word != 0)
            #expect(word <= Self.latest)
            #expect(seconds <= 2_592_000 || word > 2_592_000)
        }
    }

    @Test(
        arguments: [
            (Double(now), UInt32(now)),
            (Double(now) + 0.25, UInt32(now) + 1),
            (2_592_001, 2_592_001),
            (Double(0xFFFF_FFFE as UInt32), latest),
            (Double(0xFFFF_FFFD as UInt32), latest - 1),
        ] as [(Double, UInt32)]
    )
    func `a date is its instant, rounded up`(seconds: Double, word: UInt32) {
        #expect(MemcachedExpiration.at(Date(timeIntervalSince1970: seconds)).wireValue() == word)
    }

    /// The words up to thirty days would be taken as relative.
    ///
    /// Dates are given as seconds: printing some would trap.
    @Test(arguments: [
        Date.distantPast.timeIntervalSince1970, 0, -1, 2_592_000, 2_591_999.5, -.infinity,
        -.greatestFiniteMagnitude, .nan, .signalingNaN,
    ])
    func `a date before February 1970, or none at all, is past`(seconds: Double) {
        #expect(MemcachedExpiration.at(Date(timeIntervalSince1970: seconds)).wireValue() == Self.past)
    }

    @Test(arguments: [
        Date.distantFuture.timeIntervalSince1970, .infinity, 1e300, .greatestFiniteMagnitude, 4_294_967_295,
    ])
    func `a date that the wire cannot say is the last instant`(seconds: Double) {
        #expect(MemcachedExpiration.at(Date(timeIntervalSince1970: seconds)).wireValue() == Self.latest)
    }

    @Test func `the system's clock is used when none is given`() {
        let before = UInt32(MemcachedExpiration.currentSeconds())
        let word = MemcachedExpiration.after(.seconds(5_000_000)).wireValue()
        let after = UInt32(MemcachedExpiration.currentSeconds())
        #expect((before + 5_000_000...after + 5_000_000).contains(word))
    }

    @Test(arguments: [Duration.seconds(1), .seconds(100), .seconds(2_592_000), .seconds(10_000_000), huge])
    func `jitter takes off up to its part and never all`(duration: Duration) {
        for jitter in [0, 0.1, 1, -5, 7, .nan, .infinity] {
            for random in [0, 0.5, 1, -1, 9, .nan] {
                let word = MemcachedExpiration.after(duration, jitter: jitter)
                    .wireValue {
                        Self.now
                    } random: {
                        random
                    }
                #expect(word > 0)
                #expect(word <= MemcachedExpiration.after(duration).wireValue { Self.now })
            }
        }
    }

    @Test func `half of a hundred seconds may be taken off`() {
        let expiration = MemcachedExpiration.after(.seconds(100), jitter: 0.5)
        #expect(expiration.wireValue(random: { 0 }) == 100)
        #expect(expiration.wireValue(random: { 0.5 }) == 75)
        #expect(expiration.wireValue(random: { 1 }) == 50)
        #expect(MemcachedExpiration.after(.seconds(100), jitter: 1).wireValue(random: { 1 }) == 1)
        // Jitter may bring it below thirty days, and then it is relative.
        let month = MemcachedExpiration.after(.seconds(2_592_010), jitter: 0.5)
        #expect(month.wireValue(now: { Self.now }, random: { 1 }) == 1_296_005)
    }

    @Test func `jitter brings nothing back that has passed`() {
        #expect(MemcachedExpiration.after(.zero, jitter: 0.5).wireValue() == Self.past)
        #expect(MemcachedExpiration.after(.seconds(-5), jitter: 1).wireValue() == Self.past)
    }
}
