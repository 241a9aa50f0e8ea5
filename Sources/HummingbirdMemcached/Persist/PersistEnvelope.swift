#if HummingbirdSupport
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What is stored for a value of Hummingbird's persist framework: when it ends, and the value.
///
/// memcached does not tell how long an item still lives, and a store always sets that anew. So the instant stands in
/// the item: one byte of version, eight bytes of milliseconds since 1970 in network order (0 for no end), the payload.
///
/// Plain data.
struct PersistEnvelope: Equatable {
    private static let version: UInt8 = 1

    /// When the value ends; nil for never.
    var end: Date?
    /// The encoded value.
    var payload: ByteBuffer

    init(end: Date?, payload: ByteBuffer) {
        self.end = end
        self.payload = payload
    }

    /// Reads an item; nil when it is no envelope.
    init?(_ item: ByteBuffer) {
        var item = item
        guard
            item.readInteger(as: UInt8.self) == Self.version,
            let milliseconds = item.readInteger(as: Int64.self), milliseconds >= 0
        else { return nil }
        self.end = milliseconds == 0 ? nil : Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        self.payload = item.slice()
    }

    /// The item to store.
    var item: ByteBuffer {
        var item = ByteBuffer()
        item.reserveCapacity(9 + payload.readableBytes)
        item.writeInteger(Self.version)
        item.writeInteger(end.map(Self.milliseconds) ?? 0)
        item.writeImmutableBuffer(payload)
        return item
    }

    /// How long the value still lives, never negative; nil for ever.
    func timeToLive(at now: Date) -> Duration? {
        end.map { .milliseconds(max(0, Self.milliseconds($0) - Self.milliseconds(now))) }
    }

    func hasEnded(at now: Date) -> Bool {
        end.map { $0 <= now } ?? false
    }

    /// Milliseconds since 1970, at least 1, for a date in any year that the wire can express.
    private static func milliseconds(_ date: Date) -> Int64 {
        Int64(min(max(1, (date.timeIntervalSince1970 * 1_000).rounded()), 9e15))
    }
}
#endif
