import MemcachedWire
import NIOCore

/// The values of a batch of stores, in their order.
///
/// Small ones stand behind one another in one buffer; a larger one keeps its own, which is shared and not copied.
struct BatchValues: Sendable {
    private struct Value: Sendable {
        var flags: UInt32
        var length: Int
        /// Where it begins among the small ones; its index among the large ones.
        var place: Int
        var isLarge: Bool
    }

    private var values: [Value] = []
    private var small = ByteBuffer()
    private var large: [ByteBuffer] = []

    var count: Int { values.count }

    /// The common buffer takes no more beyond this; a `ByteBuffer` ends at 4 GiB.
    private static let largestCommonBuffer = 1 << 30

    mutating func append(_ payload: MemcachedPayload) {
        let length = payload.bytes.readableBytes
        if length > Outbox.largestCopiedValue || small.writerIndex > Self.largestCommonBuffer {
            values.append(Value(flags: payload.flags, length: length, place: large.count, isLarge: true))
            large.append(payload.bytes)
        } else {
            values.append(Value(flags: payload.flags, length: length, place: small.writerIndex, isLarge: false))
            small.writeImmutableBuffer(payload.bytes)
        }
    }

    mutating func append(_ text: String) {
        let start = small.writerIndex
        guard text.utf8.count <= Outbox.largestCopiedValue, start <= Self.largestCommonBuffer else {
            return append(MemcachedPayload(bytes: ByteBuffer(string: text)))
        }
        let length = small.writeString(text)
        values.append(Value(flags: 0, length: length, place: start, isLarge: false))
    }

    func length(_ position: Int) -> Int { values[position].length }
    func flags(_ position: Int) -> UInt32 { values[position].flags }

    func payload(_ position: Int) -> MemcachedPayload {
        let value = values[position]
        let bytes =
            value.isLarge ? large[value.place] : small.getSlice(at: value.place, length: value.length) ?? ByteBuffer()
        return MemcachedPayload(bytes: bytes, flags: value.flags)
    }

    /// Encodes a store.
    ///
    /// - Parameters:
    ///   - position: Of the value.
    ///   - head: Header and extras of the request, with the lengths of key and value.
    ///   - namespace: What stands before the key.
    ///   - key: The key.
    ///   - outbox: Where to.
    func write(
        _ position: Int,
        _ head: RequestHead,
        _ namespace: String,
        _ key: MemcachedKey,
        to outbox: inout Outbox
    ) {
        let value = values[position]
        if value.isLarge {
            outbox.write(head, namespace, key, value: nil)
            outbox.seal(large[value.place])
        } else {
            small.withUnsafeReadableBytes { bytes in
                // Nothing is ever taken from the front, so indices and offsets are the same.
                let slice = bytes[value.place..<value.place + value.length]
                outbox.write(head, namespace, key, value: UnsafeRawBufferPointer(rebasing: slice))
            }
        }
    }
}
