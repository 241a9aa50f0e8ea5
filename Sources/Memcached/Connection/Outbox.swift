import MemcachedWire
import NIOCore

/// Encoded requests on their way to the socket.
///
/// Small requests are written one behind the other into one buffer; a value over 16 KiB becomes a buffer of its own,
/// shared and not copied, because encoding happens under a lock.
struct Outbox: Sendable {
    /// A value longer than this is not copied.
    static let largestCopiedValue = 16_384
    /// What an empty outbox keeps allocated.
    static let idleCapacity = 16_384

    private var current: ByteBuffer
    /// Buffers that go before `current`.
    private var sealed: [ByteBuffer] = []
    private(set) var byteCount = 0

    /// - Parameter capacity: How many bytes are expected.
    init(capacity: Int = 0) {
        self.current = capacity > 0 ? ByteBufferAllocator().buffer(capacity: capacity) : ByteBuffer()
    }

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
        // Without a binding, which would copy the request's parts to look at them.
        if case .none = request.value {
            write(head, request.namespace, request.key, value: nil)
            return true
        }
        guard let value = request.value else { return false }
        if valueLength > Self.largestCopiedValue {
            write(head, request.namespace, request.key, value: nil)
            seal(value)
        } else {
            value.withUnsafeReadableBytes { write(head, request.namespace, request.key, value: $0) }
        }
        return true
    }

    /// Writes requests of one kind at the end of the buffer.
    ///
    /// - Parameters:
    ///   - head: Opcode and extras of all of them, and the first one's opaque.
    ///   - namespace: What stands before each key.
    ///   - room: The bytes that there is room for, at least.
    ///   - body: Writes them, and says whether it could.
    /// - Returns: What `body` says; what it wrote before it could not go on stays written.
    @inline(__always)
    mutating func write(
        like head: RequestHead,
        _ namespace: String,
        room: Int,
        _ body: (inout WindowWriter) -> Bool
    ) -> Bool {
        var namespace = namespace
        var isWritten = false
        namespace.withUTF8 { namespace in
            byteCount += current.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                var writer = WindowWriter(into: target, head, namespace: UnsafeRawBufferPointer(namespace))
                isWritten = body(&writer)
                return writer.byteCount
            }
        }
        return isWritten
    }

    /// Writes a request at the end of the buffer, but for a value that has its own.
    ///
    /// - Parameters:
    ///   - head: Its header and extras, with the lengths of key and value.
    ///   - namespace: What stands before the key.
    ///   - key: The key, as long as the head says together with the namespace; nil for none.
    ///   - value: The value, as long as the head says; nil for none, or for one that is sealed behind it.
    mutating func write(_ head: RequestHead, _ namespace: String, _ key: MemcachedKey?, value: UnsafeRawBufferPointer?)
    {
        let length = head.byteCount + Int(head.keyLength) + (value?.count ?? 0)
        byteCount += current.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            // All parts together are as long as `length`, and so long is the target at least.
            var offset = head.write(into: target)
            if let key {
                if !namespace.isEmpty {
                    var namespace = namespace
                    offset += namespace.withUTF8 { Self.copy(UnsafeRawBufferPointer($0), to: target, at: offset) }
                }
                offset += key.withUnsafeBytes { Self.copy($0, to: target, at: offset) }
            }
            if let value { offset += Self.copy(value, to: target, at: offset) }
            return offset
        }
    }

    /// Copies bytes, for which there is room, and says how many.
    private static func copy(
        _ bytes: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: target[offset...]).copyMemory(from: bytes)
        return bytes.count
    }

    /// Puts a buffer of its own at the end, which is shared and not copied.
    mutating func seal(_ buffer: ByteBuffer) {
        if current.readableBytes > 0 {
            sealed.append(current)
            current = ByteBuffer()
        }
        sealed.append(buffer)
        byteCount += buffer.readableBytes
    }

    /// Puts what another one holds at the end.
    mutating func append(_ other: Outbox) {
        if isEmpty {
            self = other
            return
        }
        for buffer in other.sealed { seal(buffer) }
        guard other.current.readableBytes > 0 else { return }
        if other.current.readableBytes <= Self.largestCopiedValue {
            byteCount += current.writeImmutableBuffer(other.current)
        } else {
            seal(other.current)
        }
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

    /// Takes everything if that is one buffer, and no longer than so many bytes.
    mutating func takeOnly(maximumBytes: Int) -> ByteBuffer? {
        guard sealed.isEmpty, byteCount > 0, byteCount <= maximumBytes else { return nil }
        byteCount = 0
        var only = ByteBuffer()
        swap(&only, &current)
        return only
    }

    /// Gives back a buffer that has been written, to save the next allocation.
    ///
    /// Taken out of the caller's hands, because storage that two hold cannot be used again.
    mutating func recycle(_ buffer: inout ByteBuffer) {
        guard
            current.readableBytes == 0, current.capacity == 0, 1...Self.idleCapacity ~= buffer.capacity
        else { return }
        swap(&current, &buffer)
        // Keeps the storage when the channel has let go of it, and else allocates as much.
        current.clear()
    }
}
