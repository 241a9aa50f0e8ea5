#if HummingbirdSupport
import Foundation
import NIOCore
import Testing

@testable import HummingbirdMemcached

@Suite struct PersistEnvelopeTests {
    @Test func `version, instant and payload, byte by byte`() {
        let end = Date(timeIntervalSince1970: 1_700_000_000.25)
        let item = PersistEnvelope(end: end, payload: ByteBuffer(string: "{}")).item
        #expect(Array(item.readableBytesView) == [1, 0, 0, 0x01, 0x8B, 0xCF, 0xE5, 0x68, 0xFA, 0x7B, 0x7D])
        #expect(PersistEnvelope(item) == PersistEnvelope(end: end, payload: ByteBuffer(string: "{}")))
    }

    @Test func `without an end`() {
        let item = PersistEnvelope(end: nil, payload: ByteBuffer(string: "1")).item
        #expect(Array(item.readableBytesView) == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0x31])
        #expect(PersistEnvelope(item)?.end == nil)
        #expect(PersistEnvelope(item)?.timeToLive(at: Date()) == nil)
        #expect(PersistEnvelope(item)?.hasEnded(at: .distantFuture) == false)
    }

    @Test(
        arguments: [
            [], [1], [1, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0, 0, 0x31], Array("{\"a\":1}{}{}".utf8),
            [1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x31],
        ] as [[UInt8]]
    )
    func `what is no envelope is not read as one`(bytes: [UInt8]) {
        #expect(PersistEnvelope(ByteBuffer(bytes: bytes)) == nil)
    }

    @Test func `how long a value lives`() {
        let now = Date(timeIntervalSince1970: 1_000_000)
        let envelope = PersistEnvelope(end: now.addingTimeInterval(2.5), payload: ByteBuffer())
        #expect(envelope.timeToLive(at: now) == .milliseconds(2_500))
        #expect(envelope.timeToLive(at: now.addingTimeInterval(3)) == .zero)
        #expect(!envelope.hasEnded(at: now.addingTimeInterval(2.4)))
        #expect(envelope.hasEnded(at: now.addingTimeInterval(2.5)))
    }

    @Test(arguments: [
        Date.distantPast, Date.distantFuture, Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1e300),
    ])
    func `every date can be written, and no end is not confused with one`(end: Date) {
        #expect(PersistEnvelope(PersistEnvelope(end: end, payload: ByteBuffer()).item)?.end != nil)
    }

    @Test func `the largest instant that can stand in an item does not trap`() {
        var item = ByteBuffer(bytes: [1])
        item.writeInteger(Int64.max)
        let envelope = PersistEnvelope(item)
        #expect(envelope?.hasEnded(at: Date()) == false)
        #expect(envelope?.timeToLive(at: .distantPast) ?? .zero > .zero)
    }
}
#endif
