import MemcachedWire
import Testing

@testable import Memcached

@Suite struct ExpectationTests {
    @Test func `an entry takes an opaque for each of its requests`() {
        #expect(Memcached.Expectation.one(.get).opaqueCount == 1)
        #expect(Memcached.Expectation.statistics.opaqueCount == 1)
        #expect(Memcached.Expectation.sequence([.add, .getKey]).opaqueCount == 2)
    }

    @Test func `a quiet batch takes one more for its NOOP`() {
        #expect(Memcached.Expectation.quiet([.getQuiet, .getQuiet]).opaqueCount == 3)
        #expect(Memcached.Expectation.quiet([]).opaqueCount == 1)
    }
}
