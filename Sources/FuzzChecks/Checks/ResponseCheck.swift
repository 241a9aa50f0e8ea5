import Memcached
import MemcachedWire
import NIOCore

/// A stream of responses gives the same frames, or the same fault, however it is cut into pieces.
///
/// Input: the number of cuts, two bytes for each, then the stream.
enum ResponseCheck {
    private struct Outcome: Equatable {
        struct Frame: Equatable {
            var header: ResponseHeader
            /// Nil when it was skipped.
            var body: [UInt8]?
        }

        var frames: [Frame] = []
        var fault: FramingError?
    }

    private static let largestBody = 1 << 20

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        var input = ByteBuffer(bytes: bytes)
        let count = Int(input.readInteger(as: UInt8.self) ?? 0) % 8
        var cuts: [Int] = []
        for _ in 0..<count { cuts.append(Int(input.readInteger(as: UInt16.self) ?? 0)) }
        let stream = Array(input.readableBytesView)

        let whole = read([stream], skips: false)
        let pieces = read(cut(stream, at: cuts), skips: false)
        guard whole == pieces else { return .broken("the frames depend on how the stream was cut") }
        let skipping = read(cut(stream, at: cuts), skips: true)
        for (kept, skipped) in zip(whole.frames, skipping.frames) {
            guard kept.header == skipped.header, skipped.body == nil || skipped.body == kept.body else {
                return .broken("a skipped body changes what comes after it")
            }
        }
        // A body that is skipped need not come.
        guard skipping.frames.count - whole.frames.count <= 1, skipping.frames.count >= whole.frames.count else {
            return .broken("skipping bodies loses or makes frames")
        }
        return whole.frames.isEmpty ? .refused : .accepted
    }

    private static func cut(_ stream: [UInt8], at places: [Int]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        for place in places.map({ $0 % (stream.count + 1) }).sorted() where place > start {
            pieces.append(Array(stream[start..<place]))
            start = place
        }
        return pieces + [Array(stream[start...])]
    }

    private static func read(_ pieces: [[UInt8]], skips: Bool) -> Outcome {
        var reader = ResponseReader(maximumBodyBytes: largestBody)
        var outcome = Outcome()
        for piece in pieces where !piece.isEmpty {
            reader.append(ByteBuffer(bytes: piece))
            var frames: [ResponseReader.Frame] = []
            do throws(FramingError) {
                try reader.read(into: &frames, isUnwanted: { skips && $0.opaque & 1 == 1 })
            } catch {
                outcome.fault = error
            }
            for frame in frames {
                outcome.frames.append(
                    .init(
                        header: frame.header,
                        body: frame.bodyIndex.map { index in
                            reader.buffer.getBytes(at: index, length: Int(frame.header.bodyLength)) ?? []
                        }
                    )
                )
            }
            if outcome.fault != nil { return outcome }
            reader.compact()
        }
        return outcome
    }
}
