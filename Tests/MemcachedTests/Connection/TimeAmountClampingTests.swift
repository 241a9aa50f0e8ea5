import NIOCore
import Testing

@testable import Memcached

@Suite struct TimeAmountClampingTests {
    @Test func `a time up to a year stays what it is`() {
        #expect(TimeAmount(clamping: .zero) == .zero)
        #expect(TimeAmount(clamping: .nanoseconds(1)) == .nanoseconds(1))
        #expect(TimeAmount(clamping: .milliseconds(1_500)) == .milliseconds(1_500))
        #expect(TimeAmount(clamping: .seconds(86_400 * 365)) == .longest)
    }

    @Test(arguments: [
        Duration.seconds(86_400 * 365) + .nanoseconds(1), .seconds(Int64.max),
        .seconds(Int64.max) + .seconds(Int64.max), .seconds(Int64.max) + .milliseconds(999),
    ])
    func `a longer time is a year, whatever its length`(duration: Duration) {
        #expect(TimeAmount(clamping: duration) == .hours(8_760))
    }

    @Test(arguments: [
        Duration.nanoseconds(-1), .seconds(-5), .seconds(Int64.min), .seconds(Int64.min) + .seconds(Int64.min),
    ])
    func `less than nothing is nothing`(duration: Duration) {
        #expect(TimeAmount(clamping: duration) == .zero)
    }
}
