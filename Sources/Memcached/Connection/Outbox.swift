import MemcachedWire
import NIOCore

/// Encoded requests on their way to the socket.
///
/// Small requests are written one behind the other into one buffer; a value over 16 KiB becomes a buffer of its own,
/// shared and not copied, because encoding happens under a lock.
struct Outbox {
    /// A value longer than this is not copied.
    static let largestCopiedValue = 16_384
    /// What an empty outbox keeps allocated.
    static let idleCapacity = 16_384

    private var current = ByteBuffer()
    /// Buffers that go before `current`.
    private var sealed: [ByteBuffer] = []
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    /// Encodes a request at the end.
    ///
    /// - Returns: False, with nothing written, when the request does not fit the protocol's length fields.
    mutating func append(_ request: Request, opaque: UInt32) -> Bool {
        let valueLength = request.value?.readableBytes ?? 0
        guard
            let head = RequestHead(
                opcode: request.opcode,
                extras: request.extras,
                keyLength: request.keyLength,
                valueLength: valueLength,
                opaque: opaque,
                cas: request.cas
            )
        else { return false }
        let before = current.writerIndex
        current.writeWithUnsafeMutableBytes(minimumWritableBytes: RequestHead.maximumByteCount) {
            head.write(into: $0)
        }
        if let key = request.key {
            if !request.namespace.isEmpty { current.writeString(request.namespace) }
            key.withUnsafeBytes { _ = current.writeBytes($0) }
        }
        if let value = request.value {
            if valueLength > Self.largestCopiedValue {
                byteCount += current.writerIndex - before
                sealed.append(current)
                sealed.append(value)
                current = ByteBuffer()
                byteCount += valueLength
                return true
            }
            current.writeImmutableBuffer(value)
        }
        byteCount += current.writerIndex - before
        return true
    }

    /// Takes everything, in order.
    mutating func take() -> [ByteBuffer] {
        let (earlier, last) = takeApart()
        return last.map { earlier + [$0] } ?? earlier
    }

    /// Takes everything, in order; the last one by itself, because usually it is the only one and needs no array.
    mutating func takeApart() -> (earlier: [ByteBuffer], last: ByteBuffer?) {
        var earlier: [ByteBuffer] = []
        swap(&earlier, &sealed)
        var last: ByteBuffer?
        if current.readableBytes > 0 {
            last = current
            current = ByteBuffer()
        } else {
            last = earlier.popLast()
        }
        byteCount = 0
        return (earlier, last)
    }

    /// Gives back a buffer that has been written, to save the next allocation.
    ///
    /// Taken out of the caller's hands, because storage that two hold cannot be used again.
    mutating func recycle(_ buffer: inout ByteBuffer) {
        guard current.readableBytes == 0, buffer.capacity <= Self.idleCapacity, current.capacity == 0 else { return }
        swap(&current, &buffer)
        // Keeps the storage when the channel has let go of it, and else allocates as much.
        current.clear()
    }
}
