import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct BatchPlanTests {
    private static func entry(_ number: Int, bytes: Int? = nil) -> BatchPlan.Entry {
        let key = MemcachedKey("key:\(number)")
        let value = bytes.map { ByteBuffer(repeating: 0, count: $0) }
        return BatchPlan.Entry(key: key, request: Request(opcode: .get, key: key, value: value))
    }

    @Test(arguments: [0, 1, 127, 128, 129, 256, 1_000])
    func `a window has at most 128 requests`(count: Int) {
        let windows = BatchPlan.windows(of: (0..<count).map { Self.entry($0) })
        #expect(windows.allSatisfy { !$0.isEmpty && $0.count <= 128 })
        #expect(windows.count == (count + 127) / 128)
        #expect(windows.flatMap { $0.map(\.key) } == (0..<count).map { MemcachedKey("key:\($0)") })
    }

    @Test func `a window has at most 256 KiB`() {
        let windows = BatchPlan.windows(of: (0..<10).map { Self.entry($0, bytes: 100_000) })
        #expect(windows.map(\.count) == [2, 2, 2, 2, 2])
    }

    @Test func `a request that is longer is a window of its own`() {
        let lengths = [10, 300_000, 10, 10, 262_144, 262_000, 300]
        let windows = BatchPlan.windows(of: lengths.enumerated().map { Self.entry($0.offset, bytes: $0.element) })
        #expect(windows.map(\.count) == [1, 1, 2, 1, 1, 1])
    }

    @Test func `the style decides what is expected`() {
        guard case .quiet(let quiet) = BatchStyle.quiet.expectation([.getQuiet]) else {
            Issue.record("a quiet batch is closed with a NOOP")
            return
        }
        #expect(quiet == [.getQuiet])
        guard case .sequence(let answered) = BatchStyle.answered.expectation([.touch, .touch]) else {
            Issue.record("every request of the batch is answered")
            return
        }
        #expect(answered == [.touch, .touch])
    }
}
