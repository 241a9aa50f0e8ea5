import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

@Suite struct OutboxTests {
    static let requests: [Request] = [
        Request(opcode: .noop),
        Request(opcode: .get, key: "k"),
        Request(opcode: .get, namespace: "app:", key: "k"),
        Request(opcode: .getKey, key: MemcachedKey(bytes: [0, 0xFF, 10])),
        Request(opcode: .delete, cas: .max, key: "k"),
        Request(opcode: .touch, extras: .expiration(60), key: "k"),
        Request(opcode: .flush, extras: .delay(9)),
        Request(
            opcode: .set,
            extras: .store(flags: 0xDEAD_BEEF, expiration: 1),
            cas: 2,
            key: "k",
            value: ByteBuffer(string: "value")
        ),
        Request(opcode: .add, extras: .store(flags: 0, expiration: 0), namespace: "é", key: "日本", value: ByteBuffer()),
        Request(opcode: .increment, extras: .counter(delta: 1, initial: 2, expiration: .max), key: "n"),
        Request(opcode: .append, key: "k", value: ByteBuffer(repeating: 1, count: 16_384)),
        Request(
            opcode: .set,
            extras: .store(flags: 1, expiration: 2),
            key: "k",
            value: .init(repeating: 2, count: 16_385)
        ),
    ]

    @Test(arguments: requests.indices)
    func `a request is header, extras, namespace, key and value`(index: Int) throws {
        var outbox = Outbox()
        let request = Self.requests[index]
        #expect(outbox.append(request, opaque: 0xCAFE_F00D) == true)
        #expect(outbox.byteCount == request.byteCount)
        #expect(outbox.take().flatMap { Array($0.readableBytesView) } == request.encoded(opaque: 0xCAFE_F00D))
    }

    @Test func `all requests leave in order`() throws {
        var outbox = Outbox()
        for (opaque, request) in Self.requests.enumerated() {
            #expect(outbox.append(request, opaque: UInt32(opaque)) == true)
        }
        let sum = Self.requests.reduce(0) { $0 + $1.byteCount }
        #expect(outbox.byteCount == sum)
        let buffers = outbox.take()
        #expect(buffers.reduce(0) { $0 + $1.readableBytes } == sum)
        let sent = try SentRequest.parse(buffers)
        #expect(sent.map(\.opaque) == Array(0..<UInt32(Self.requests.count)))
        for (opaque, request) in Self.requests.enumerated() {
            #expect(sent[opaque].bytes == request.encoded(opaque: UInt32(opaque)))
        }
    }

    @Test func `small requests share one buffer`() {
        var outbox = Outbox()
        for opaque in 0..<500 {
            #expect(outbox.append(Request(opcode: .get, key: "key"), opaque: UInt32(opaque)) == true)
        }
        #expect(outbox.take().map(\.readableBytes) == [500 * 27])
    }

    @Test func `a value of 16 KiB is copied beside its header`() {
        var outbox = Outbox()
        let value = ByteBuffer(repeating: 7, count: 16_384)
        #expect(outbox.append(Request(opcode: .append, key: "k", value: value), opaque: 1) == true)
        #expect(outbox.take().map(\.readableBytes) == [25 + 16_384])
    }

    @Test func `a longer value is a buffer of its own, which is not copied`() throws {
        var outbox = Outbox()
        let value = ByteBuffer(repeating: 7, count: 16_385)
        #expect(outbox.append(Request(opcode: .get, key: "a"), opaque: 1) == true)
        #expect(outbox.append(Request(opcode: .append, key: "k", value: value), opaque: 2) == true)
        #expect(outbox.append(Request(opcode: .get, key: "b"), opaque: 3) == true)
        let buffers = outbox.take()
        #expect(buffers.map(\.readableBytes) == [50, 16_385, 25])
        let shared = try #require(buffers.dropFirst().first)
        #expect(Self.address(of: shared) == Self.address(of: value))
    }

    @Test func `of a slice only the slice is sent`() {
        var outbox = Outbox()
        var large = ByteBuffer(bytes: (0..<40_000).map { UInt8(truncatingIfNeeded: $0) })
        large.moveReaderIndex(forwardBy: 3)
        let expected = Array(large.readableBytesView)
        #expect(outbox.append(Request(opcode: .append, key: "k", value: large), opaque: 1) == true)
        let sent = outbox.take().flatMap { Array($0.readableBytesView) }
        #expect(Array(sent.dropFirst(25)) == expected)
    }

    @Test func `what was taken is gone`() {
        var outbox = Outbox()
        #expect(outbox.isEmpty)
        _ = outbox.append(Request(opcode: .noop), opaque: 1)
        #expect(!outbox.isEmpty)
        _ = outbox.take()
        #expect(outbox.isEmpty)
        #expect(outbox.byteCount == 0)
        #expect(outbox.take().isEmpty)
    }

    @Test func `a request beyond the length fields is refused and leaves nothing behind`() {
        var outbox = Outbox()
        let key = MemcachedKey(bytes: repeatElement(1, count: 65_536))
        #expect(outbox.append(Request(opcode: .get, key: key), opaque: 1) == false)
        #expect(outbox.isEmpty)
        #expect(outbox.take().isEmpty)
        #expect(outbox.append(Request(opcode: .noop), opaque: 2) == true)
        #expect(outbox.take().map(\.readableBytes) == [24])
    }

    @Test func `recycling never changes bytes that were handed out`() throws {
        var outbox = Outbox()
        var kept: [ByteBuffer] = []
        for opaque in UInt32(0)..<50 {
            for _ in 0...opaque % 3 { _ = outbox.append(Request(opcode: .get, key: "key"), opaque: opaque) }
            let written = outbox.take()
            kept += written
            for var buffer in written { outbox.recycle(&buffer) }
        }
        let opaques = try kept.map { Set(try SentRequest.parse([$0]).map(\.opaque)) }
        #expect(opaques == (UInt32(0)..<50).map { [$0] })
    }

    @Test func `recycling does not throw away what was encoded meanwhile`() throws {
        var outbox = Outbox()
        _ = outbox.append(Request(opcode: .noop), opaque: 1)
        var written = try #require(outbox.take().first)
        _ = outbox.append(Request(opcode: .noop), opaque: 2)
        outbox.recycle(&written)
        #expect(try SentRequest.parse(outbox.take()).map(\.opaque) == [2])
    }

    @Test func `a recycled buffer with bytes that were not read is empty`() throws {
        var outbox = Outbox()
        var leftOver = ByteBuffer(string: "left over")
        outbox.recycle(&leftOver)
        #expect(outbox.isEmpty)
        _ = outbox.append(Request(opcode: .noop), opaque: 3)
        #expect(try SentRequest.parse(outbox.take()).map(\.opaque) == [3])
    }

    @Test func `storage that nobody else holds is used again`() throws {
        var outbox = Outbox()
        _ = outbox.append(Request(opcode: .get, key: "key"), opaque: 1)
        var written = try #require(outbox.take().first)
        let storage = Self.address(of: written)
        outbox.recycle(&written)
        _ = outbox.append(Request(opcode: .get, key: "key"), opaque: 2)
        #expect(Self.address(of: try #require(outbox.take().first)) == storage)
    }

    private static func address(of buffer: ByteBuffer) -> UnsafeRawPointer? {
        buffer.withUnsafeReadableBytes { $0.baseAddress }
    }
}
