import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct BatchPlanTests {
    private static func reads(_ count: Int) -> BatchPlan {
        var plan = BatchPlan(.getQuiet)
        for number in 0..<count { plan.append("key:\(number)") }
        return plan
    }

    private static func stores(_ lengths: [Int]) -> BatchPlan {
        var plan = BatchPlan(.setQuiet, extras: .store(flags: 0, expiration: 5), namespace: "n:")
        for (number, length) in lengths.enumerated() {
            plan.append("key:\(number)")
            plan.append(value: MemcachedPayload(bytes: ByteBuffer(repeating: 7, count: length), flags: UInt32(number)))
        }
        return plan
    }

    private static func windows(_ plan: BatchPlan) -> [ArraySlice<Int>] { plan.windows(of: Array(plan.keys.indices)) }

    @Test(arguments: [0, 1, 127, 128, 129, 256, 1_000])
    func `a window has at most 128 requests`(count: Int) {
        let windows = Self.windows(Self.reads(count))
        #expect(windows.allSatisfy { !$0.isEmpty && $0.count <= 128 })
        #expect(windows.count == (count + 127) / 128)
        #expect(windows.flatMap(\.self) == Array(0..<count))
    }

    @Test func `a window has at most 256 KiB`() {
        let windows = Self.windows(Self.stores(Array(repeating: 100_000, count: 10)))
        #expect(windows.map(\.count) == [2, 2, 2, 2, 2])
    }

    @Test func `a request that is longer is a window of its own`() {
        let windows = Self.windows(Self.stores([10, 300_000, 10, 10, 262_144, 262_000, 300]))
        #expect(windows.map(\.count) == [1, 1, 2, 1, 1, 1])
    }

    /// As single requests would be, whatever the lengths of their values.
    @Test(arguments: [[], [0], [1, 16_384, 16_385, 3, 100_000, 0], Array(repeating: 100, count: 128)] as [[Int]])
    func `a window is encoded as its requests are`(lengths: [Int]) throws {
        let plan = Self.stores(lengths)
        var expected = Outbox()
        for position in plan.keys.indices {
            #expect(plan.request(position).extras == .store(flags: UInt32(position), expiration: 5))
            #expect(plan.byteCount(position) == plan.request(position).byteCount)
            let fits = expected.append(plan.request(position), opaque: .max &+ UInt32(position))
            #expect(fits)
        }
        let fits = expected.append(Request(opcode: .noop), opaque: .max &+ UInt32(lengths.count))
        #expect(fits)
        var encoded = try #require(plan.encode(plan.keys.indices.map(\.self)[...], firstOpaque: .max, isClosed: true))
        #expect(encoded.byteCount == expected.byteCount)
        let (bytes, expectedBytes) = (Self.bytes(&encoded), Self.bytes(&expected))
        #expect(bytes == expectedBytes)
    }

    @Test func `texts are values with flags 0`() throws {
        var plan = BatchPlan(.setQuiet, extras: .store(flags: 9, expiration: 0))
        let texts = ["", "a", "Grüße", String(repeating: "x", count: 20_000)]
        for text in texts {
            plan.append("key")
            plan.append(value: text)
        }
        for (position, text) in texts.enumerated() {
            #expect(plan.request(position).value.map { String(buffer: $0) } == text)
            #expect(plan.request(position).extras == .store(flags: 0, expiration: 0))
        }
    }

    @Test func `a part of a plan has its keys as they are stored`() {
        var plan = BatchPlan(.getQuiet, namespace: "n:", group: "g")
        for number in 0..<5 { plan.append("key:\(number)", stored: "hashed:\(number)") }
        let part = plan.reading([1, 3])
        #expect(part.keys == ["key:1", "key:3"])
        #expect(part.keys.indices.map(part.storedKey) == ["hashed:1", "hashed:3"])
        #expect(part.group == "g")
        #expect(part.request(1).namespace == "n:")
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

    private static func bytes(_ outbox: inout Outbox) -> [UInt8] {
        outbox.take().flatMap { Array($0.readableBytesView) }
    }
}
