package import MemcachedWire
package import NIOCore

/// Collects received bytes and finds the frames in them.
///
/// No I/O; it dies with its connection.
package struct ResponseReader {
    /// A complete frame, or one whose body is being skipped.
    package struct Frame {
        package var header: ResponseHeader
        /// The client flags of a hit, 0 elsewhere.
        package var flags: UInt32 = 0
        /// Where the body begins in ``ResponseReader/buffer``; nil when the body is not kept.
        package var bodyIndex: Int?
    }

    /// A declared length is trusted for an allocation up to here; beyond, storage grows with what has come.
    private static let largestReservation = 1 << 20
    /// A rest shorter than this is not worth skipping.
    private static let smallestSkip = 65_536

    private let scanner: ResponseScanner
    /// What has been received and not been dropped by ``compact()``.
    package private(set) var buffer = ByteBuffer()
    /// The bytes at the front of ``buffer`` whose frames have been found.
    private var foundBytes = 0
    private var isOwned = false
    private var bytesToSkip = 0
    private var reservation = 0
    private(set) var hasSeenFrame = false

    package init(maximumBodyBytes: Int) {
        self.scanner = ResponseScanner(maximumBodyBytes: maximumBodyBytes)
    }

    /// Whether the bytes end inside a frame.
    var isInsideFrame: Bool { bytesToSkip > 0 || buffer.readableBytes > foundBytes }

    /// Takes in a chunk from the socket.
    package mutating func append(_ chunk: ByteBuffer) {
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

    /// Finds the frames that are complete.
    ///
    /// They stay in ``buffer`` until ``compact()``. A skipped body leaves nothing behind it in the buffer.
    ///
    /// - Parameters:
    ///   - frames: Where they are appended, up to a fault if there is one.
    ///   - limit: How many are looked for.
    ///   - isUnwanted: Whether the body of a long, incomplete frame may be dropped as it comes.
    /// - Throws: ``FramingError`` when the bytes behind them cannot be a response.
    package mutating func read(
        into frames: inout [Frame],
        atMost limit: Int = .max,
        isUnwanted: (ResponseHeader) -> Bool
    ) throws(FramingError) {
        // Looked at once for all frames: each look at a buffer's storage is checked for others.
        let buffer = buffer
        let bytes = buffer.readableBytesSpan
        let end = frames.count &+ limit
        while frames.count != end {
            switch try scanner.scan(bytes.extracting(droppingFirst: foundBytes)) {
            case .frame(let header):
                hasSeenFrame = true
                let bodyIndex = buffer.readerIndex + foundBytes + ResponseHeader.byteCount
                foundBytes += header.frameLength
                // Extras are a part of the body, which is there.
                let flags =
                    header.extrasLength >= 4
                    ? bytes.bigEndian(at: foundBytes - Int(header.bodyLength), as: UInt32.self) : 0
                frames.append(Frame(header: header, flags: flags, bodyIndex: bodyIndex))
            case .incomplete(let header?, let missing) where missing >= Self.smallestSkip && isUnwanted(header):
                hasSeenFrame = true
                bytesToSkip = missing
                foundBytes = bytes.byteCount
                return frames.append(Frame(header: header, bodyIndex: nil))
            case .incomplete(let header, let missing):
                reservation = header == nil ? 0 : min(missing, Self.largestReservation)
                return
            }
        }
    }

    /// Lets go of what has been dealt with; an incomplete frame moves into storage of its own.
    ///
    /// Call it when the frames of this round have been dealt with: they point into ``buffer``.
    package mutating func compact() {
        buffer.moveReaderIndex(forwardBy: foundBytes)
        let consumed = foundBytes
        foundBytes = 0
        guard buffer.readableBytes > 0 else {
            buffer = ByteBuffer()
            isOwned = false
            return
        }
        guard !isOwned || consumed > 0 else { return }
        var own = ByteBufferAllocator().buffer(capacity: buffer.readableBytes + reservation)
        own.writeImmutableBuffer(buffer)
        buffer = own
        isOwned = true
    }
}
