import MemcachedWire
import NIOCore

/// Responses to a batch that came with one read, as they came: nothing is made of them until somebody wants it.
struct ResponseRun: Sendable {
    /// The frames, which stand behind one another.
    let frames: [ResponseReader.Frame]
    /// The position of the first one; those of the others follow from their opaques.
    private let first: Int
    private let chunk: ReceivedChunk

    init(_ frames: ArraySlice<ResponseReader.Frame>, from first: Int, in chunk: ReceivedChunk) {
        self.frames = Array(frames)
        self.first = first
        self.chunk = chunk
    }

    /// The position of the request that a frame, by its number, answers.
    func position(_ number: Int) -> Int {
        first + Int(frames[number].header.opaque &- frames[0].header.opaque)
    }

    /// The response in a frame.
    func response(_ number: Int) -> Response { chunk.response(in: frames[number]) }

    /// Calls `body` for each frame with its number, its position, its value and its client flags.
    @inline(__always)
    func visit(_ body: (Int, Int, RawSpan, UInt32) throws(MemcachedError) -> Void) throws(MemcachedError) {
        guard let opaque = frames.first?.header.opaque else { return }
        let bytes = chunk.buffer.readableBytesSpan
        for number in frames.indices {
            let frame = frames[number]
            let position = first + Int(frame.header.opaque &- opaque)
            guard let start = chunk.start(of: frame) else {
                try body(number, position, RawSpan(), 0)
                continue
            }
            // The lengths have been found to fit one another, and the whole body is there.
            let value = start + Int(frame.header.extrasLength) + Int(frame.header.keyLength)
            try body(number, position, bytes.extracting(value..<start + Int(frame.header.bodyLength)), frame.flags)
        }
    }
}

extension GroupResponses {
    /// The same with a response for each position.
    ///
    /// - Parameter count: How many there are.
    /// - Returns: The responses, without runs.
    func spread(over count: Int) -> GroupResponses {
        var spread = self
        spread.runs = []
        spread.responses = Array(repeating: nil, count: count)
        for run in runs {
            for number in run.frames.indices where run.position(number) < count {
                spread.responses[run.position(number)] = run.response(number)
            }
        }
        return spread
    }
}
