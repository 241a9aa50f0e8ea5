import MemcachedWire
import NIOCore

/// One response as an operation sees it.
struct Response: Sendable {
    var status: Status
    var cas: UInt64
    /// The client flags of a hit, 0 elsewhere.
    var flags: UInt32
    /// The length of the echoed key, which stands before the value.
    private let keyLength: UInt16
    /// Key and value, in storage that may be shared with other responses.
    private let body: ByteBuffer

    init(status: Status, cas: UInt64 = 0, flags: UInt32 = 0, value: ByteBuffer = .init()) {
        self.status = status
        self.cas = cas
        self.flags = flags
        self.keyLength = 0
        self.body = value
    }

    /// The echoed key of the K forms and of STAT, else empty.
    ///
    /// It may share storage with other responses: not to be kept.
    var key: ByteBuffer { body.getSlice(at: body.readerIndex, length: Int(keyLength)) ?? ByteBuffer() }

    /// Whether the server has echoed a key.
    var hasKey: Bool { keyLength > 0 }

    /// Whether the server has echoed this key, byte for byte.
    ///
    /// - Parameters:
    ///   - key: The key as it is stored.
    ///   - namespace: What stands in front of it.
    /// - Returns: False also when none was echoed.
    func hasKey(_ key: MemcachedKey, behind namespace: String) -> Bool {
        body.withUnsafeReadableBytes { body in
            // A body has the key that its header says, or the slice of it would not have been made.
            let echoed = UnsafeRawBufferPointer(rebasing: body.prefix(Int(keyLength)))
            var namespace = namespace
            let length = namespace.utf8.count
            guard echoed.count == length + key.byteCount else { return false }
            let isBehind =
                length == 0
                || namespace.withUTF8 {
                    UnsafeRawBufferPointer($0).hasSameBytes(as: UnsafeRawBufferPointer(rebasing: echoed.prefix(length)))
                }
            return isBehind
                && key.withUnsafeBytes {
                    $0.hasSameBytes(as: UnsafeRawBufferPointer(rebasing: echoed.dropFirst(length)))
                }
        }
    }

    /// The value, or the server's text when the status is not success.
    ///
    /// It may share storage with other responses: not to be kept. See ``ownValue``.
    var value: ByteBuffer {
        if keyLength == 0 { return body }
        var body = body
        body.moveReaderIndex(forwardBy: Int(keyLength))
        return body
    }

    /// The value in storage of its own, or in one that is not much larger; beyond 16 KiB it is shared in any case.
    var ownValue: ByteBuffer {
        let value = value
        guard
            value.readableBytes <= Outbox.largestCopiedValue,
            value.storageCapacity > max(Self.smallestShare, 2 * value.readableBytes)
        else { return value }
        return value.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: value.readableBytesView)
    }

    /// Storage of up to so many bytes is not worth a copy.
    private static let smallestShare = 256

    /// The item of a hit.
    var item: MemcachedItem { MemcachedItem(value: ownValue, flags: flags, cas: casToken) }

    /// The CAS, nil when the server keeps none.
    var casToken: MemcachedCAS? { MemcachedCAS(rawValue: cas) }

    /// Whether the server asks to be asked again later.
    var isBusy: Bool { status == .busy || status == .temporaryFailure }
}

extension Response {
    /// Takes a response out of received bytes, whose storage it shares.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - buffer: Bytes received; see ``ReceivedChunk`` for what may be shared.
    ///   - bodyIndex: Where the body begins in `buffer`; the whole body is there.
    init(_ frame: ResponseReader.Frame, in buffer: ByteBuffer, bodyIndex: Int) {
        let header = frame.header
        self.status = header.status
        self.cas = header.cas
        let extras = Int(header.extrasLength)
        self.flags = frame.flags
        self.keyLength = header.keyLength
        let length = Int(header.bodyLength) - extras
        // Nothing of the storage is held for a response without key and value.
        self.body = length > 0 ? buffer.getSlice(at: bodyIndex + extras, length: length) ?? ByteBuffer() : ByteBuffer()
    }
}
