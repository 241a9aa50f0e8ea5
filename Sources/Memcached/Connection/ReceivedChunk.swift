import MemcachedWire
import NIOCore

/// The bytes of one read as the responses in them share them.
///
/// A receive buffer has 64 KiB and more, and a response may be kept for long: where the frames fill less than half of
/// it, they move together into storage of their size. So one allocation serves all responses of a read, and none of them
/// holds more than twice what came with it.
struct ReceivedChunk {
    /// More than this is not copied: it takes longer than what it saves is worth.
    private static let largestCopy = 65_536

    /// Where the responses are cut from.
    let buffer: ByteBuffer
    /// What an index into the bytes received has to be moved by.
    let offset: Int

    /// - Parameters:
    ///   - received: The bytes received.
    ///   - start: Where the first frame begins in them.
    ///   - count: How many bytes the frames have.
    init(of received: ByteBuffer, from start: Int, count: Int) {
        guard
            count <= Self.largestCopy, count < received.storageCapacity / 2,
            let bytes = received.viewBytes(at: start, length: count)
        else {
            buffer = received
            offset = 0
            return
        }
        buffer = ByteBuffer(bytes: bytes)
        offset = -start
    }

    /// The response in a frame.
    @inline(__always)
    func response(in frame: ResponseReader.Frame) -> Response {
        guard let bodyIndex = frame.bodyIndex else {
            return Response(status: frame.header.status, cas: frame.header.cas)
        }
        return Response(frame, in: buffer, bodyIndex: bodyIndex + offset)
    }

    /// Where in the buffer's readable bytes the body of a frame begins; nil when it has none or is not kept.
    func start(of frame: ResponseReader.Frame) -> Int? {
        guard let bodyIndex = frame.bodyIndex, frame.header.bodyLength > 0 else { return nil }
        return bodyIndex + offset - buffer.readerIndex
    }
}
