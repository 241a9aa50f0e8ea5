import MemcachedWire
import NIOCore

/// What a connection has received, and the frames found in it.
///
/// Kept together, so that the handler, an object, takes hold of it once and not for each frame.
struct Intake {
    /// The frames that one read brought, on their way to who waits for them.
    ///
    /// Taken out of the intake while they are dealt with: who is told may close the connection, which looks at it.
    struct Round {
        var frames: [ResponseReader.Frame]
        /// Empty before and after; kept for the sake of its storage.
        var deliveries: [Connection.Delivery]
        /// Where the frames are.
        fileprivate(set) var buffer: ByteBuffer
        /// What is wrong with what follows them.
        let fault: FramingError?
    }

    private(set) var reader: ResponseReader
    private var frames: [ResponseReader.Frame] = []
    private var deliveries: [Connection.Delivery] = []

    init(maximumBodyBytes: Int) {
        self.reader = ResponseReader(maximumBodyBytes: maximumBodyBytes)
    }

    /// Takes in what came.
    ///
    /// - Parameters:
    ///   - chunk: The bytes.
    ///   - isUnwanted: Whether the body of a long, incomplete frame may be dropped as it comes.
    /// - Returns: The frames that are complete now; give it back with ``finish(_:)``.
    mutating func receive(_ chunk: ByteBuffer, isUnwanted: (ResponseHeader) -> Bool) -> Round {
        reader.append(chunk)
        var fault: FramingError?
        do throws(FramingError) {
            try reader.read(into: &frames, isUnwanted: isUnwanted)
        } catch {
            fault = error
            // The next frame does not begin where this one ends: its length is as likely to be wrong, and its body.
            if case .bodyTooLarge = error {} else { _ = frames.popLast() }
        }
        var round = Round(frames: [], deliveries: [], buffer: reader.buffer, fault: fault)
        swap(&round.frames, &frames)
        swap(&round.deliveries, &deliveries)
        return round
    }

    /// The frames of a round have been dealt with.
    mutating func finish(_ round: inout Round) {
        // Exchanged and not copied: storage that two hold cannot be used again.
        round.frames.removeAll(keepingCapacity: true)
        swap(&round.frames, &frames)
        swap(&round.deliveries, &deliveries)
        round.buffer = ByteBuffer()
        if round.fault == nil { reader.compact() }
    }
}
