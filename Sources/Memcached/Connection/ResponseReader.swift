import MemcachedWire
import NIOCore

/// Collects received bytes and finds the frames in them. No I/O; it dies with its connection.
struct ResponseReader {
    /// A complete frame, or one whose body is being skipped.
    struct Frame {
        var header: ResponseHeader
        /// Where the body begins in ``ResponseReader/buffer``; nil when the body is not kept.
        var bodyIndex: Int?
    }

    /// A declared length is trusted for an allocation up to here; beyond, storage grows with what has come.
    private static let largestReservation = 1 << 20
    /// A body shorter than this is not worth skipping.
    private static let smallestSkip = 65_536

    private let scanner: ResponseScanner
    /// What has been received and not been dropped by ``compact()``.
    private(set) var buffer = ByteBuffer()
    private var isOwned = false
    private var bytesToSkip = 0
    private var reservation = 0
    private(set) var hasSeenFrame = false

    init(maximumBodyBytes: Int) {
        self.scanner = ResponseScanner(maximumBodyBytes: maximumBodyBytes)
    }

    /// Whether the bytes end inside a frame.
    var isInsideFrame: Bool { bytesToSkip > 0 || buffer.readableBytes > 0 }

    /// Takes in a chunk from the socket.
    mutating func append(_ chunk: ByteBuffer) {
        var chunk = chunk
        if bytesToSkip > 0 {
            let skipped = min(bytesToSkip, chunk.readableBytes)
            chunk.moveReaderIndex(forwardBy: skipped)
            bytesToSkip -= skipped
            guard chunk.readableBytes > 0 else { return }
        }
        if buffer.readableBytes == 0 {
            buffer = chunk
            isOwned = false
        } else {
            buffer.writeImmutableBuffer(chunk)
        }
    }

    /// Moves past the next frame.
    ///
    /// - Parameter isUnwanted: Whether the body of a long, incomplete frame may be dropped as it comes.
    /// - Returns: The frame, nil when more bytes are needed.
    /// - Throws: ``FramingError`` when the bytes cannot be a response.
    mutating func next(isUnwanted: (ResponseHeader) -> Bool) throws(FramingError) -> Frame? {
        let scan = try buffer.withReadableSpan { span throws(FramingError) in try scanner.scan(span) }
        switch scan {
        case .frame(let header):
            hasSeenFrame = true
            let bodyIndex = buffer.readerIndex + ResponseHeader.byteCount
            buffer.moveReaderIndex(forwardBy: header.frameLength)
            return Frame(header: header, bodyIndex: bodyIndex)
        case .incomplete(let header?, let missing) where missing >= Self.smallestSkip && isUnwanted(header):
            hasSeenFrame = true
            bytesToSkip = missing
            buffer.moveReaderIndex(to: buffer.writerIndex)
            return Frame(header: header, bodyIndex: nil)
        case .incomplete(let header, let missing):
            reservation = header == nil ? 0 : min(missing, Self.largestReservation)
            return nil
        }
    }

    /// Lets go of what has been dealt with; an incomplete frame moves into storage of its own.
    ///
    /// Call it when the frames of this round have been dealt with: they point into ``buffer``.
    mutating func compact() {
        guard buffer.readableBytes > 0 else {
            buffer = ByteBuffer()
            isOwned = false
            return
        }
        guard !isOwned || buffer.readerIndex > 0 else { return }
        var own = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + reservation)
        own.writeImmutableBuffer(buffer)
        buffer = own
        isOwned = true
    }
}

extension ByteBuffer {
    /// Calls `body` with the readable bytes as a span.
    fileprivate func withReadableSpan<Result>(
        _ body: (RawSpan) throws(FramingError) -> Result
    ) throws(FramingError) -> Result {
        try body(readableBytesSpan)
    }
}
