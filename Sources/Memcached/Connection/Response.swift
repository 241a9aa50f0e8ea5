import MemcachedWire
import NIOCore

/// One response as an operation sees it.
struct Response: Sendable {
    var status: Status
    var cas: UInt64
    /// The client flags of a hit, 0 elsewhere.
    var flags: UInt32
    /// The echoed key of the K forms and of STAT, else empty.
    var key: ByteBuffer
    /// The value, or the server's text when the status is not success.
    var value: ByteBuffer

    init(status: Status, cas: UInt64 = 0, flags: UInt32 = 0, key: ByteBuffer = .init(), value: ByteBuffer = .init()) {
        self.status = status
        self.cas = cas
        self.flags = flags
        self.key = key
        self.value = value
    }

    /// The CAS, nil when the server keeps none.
    var casToken: MemcachedCAS? { MemcachedCAS(rawValue: cas) }

    /// Whether the server asks to be asked again later.
    var isBusy: Bool { status == .busy || status == .temporaryFailure }
}

extension Response {
    /// Values up to this size are copied out of the receive buffer; larger ones share it.
    ///
    /// A small slice would pin a receive buffer of 128 KiB.
    static let largestCopiedValue = 16_384

    /// Takes a response out of a received frame.
    ///
    /// - Parameters:
    ///   - header: The frame's header.
    ///   - buffer: The bytes received.
    ///   - bodyIndex: Where the body begins in `buffer`; the whole body is there.
    init(header: ResponseHeader, buffer: ByteBuffer, bodyIndex: Int) {
        self.status = header.status
        self.cas = header.cas
        let extras = Int(header.extrasLength)
        let keyLength = Int(header.keyLength)
        self.flags = extras >= 4 ? buffer.getInteger(at: bodyIndex, as: UInt32.self) ?? 0 : 0
        self.key = Self.part(of: buffer, at: bodyIndex + extras, length: keyLength)
        self.value = Self.part(of: buffer, at: bodyIndex + extras + keyLength, length: header.valueLength)
    }

    private static func part(of buffer: ByteBuffer, at index: Int, length: Int) -> ByteBuffer {
        guard length > 0 else { return ByteBuffer() }
        if length > largestCopiedValue { return buffer.getSlice(at: index, length: length) ?? ByteBuffer() }
        return buffer.viewBytes(at: index, length: length).map { ByteBuffer(bytes: $0) } ?? ByteBuffer()
    }
}
