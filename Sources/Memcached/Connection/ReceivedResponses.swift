import MemcachedWire
import NIOCore

/// The responses in the frames of one read.
struct ReceivedResponses {
    private let frames: [ResponseReader.Frame]
    private let chunk: ReceivedChunk

    /// - Parameters:
    ///   - frames: What was found in the bytes received.
    ///   - buffer: The bytes received.
    init(_ frames: [ResponseReader.Frame], in buffer: ByteBuffer) {
        self.frames = frames
        var start: Int?
        var end = 0
        for frame in frames where frame.header.bodyLength > 0 {
            guard let bodyIndex = frame.bodyIndex else { continue }
            start = start ?? bodyIndex
            end = bodyIndex + Int(frame.header.bodyLength)
        }
        if let start {
            self.chunk = ReceivedChunk(of: buffer, from: start, count: end - start)
        } else {
            self.chunk = ReceivedChunk(of: ByteBuffer(), from: 0, count: 0)
        }
    }

    /// The response in a frame, whose number is one of them.
    subscript(number: Int) -> Response {
        @inline(__always) get { chunk.response(in: frames[number]) }
    }

    /// The responses of a batch, which stand behind one another, as they came.
    ///
    /// - Parameters:
    ///   - numbers: Their frames, at least one.
    ///   - index: The position of the first one.
    /// - Returns: All of them together.
    func run(_ numbers: Range<Int>, from index: Int) -> ResponseRun {
        ResponseRun(frames[numbers], from: index, in: chunk)
    }

    /// The responses of a batch with their positions.
    ///
    /// - Parameters:
    ///   - numbers: Their frames, at least one.
    ///   - index: The position of the first one.
    /// - Returns: Each with its position.
    func each(
        _ numbers: Range<Int>,
        from index: Int
    ) -> some Sequence<(index: Int, response: Response)> {
        let first = frames[numbers.lowerBound].header.opaque
        return numbers.lazy.map { number in
            (index: index + Int(frames[number].header.opaque &- first), response: self[number])
        }
    }

    /// Whether the server did not know one of the commands and takes its key for the next request's bytes.
    func isSwallowed(_ numbers: Range<Int>) -> Bool {
        frames[numbers].contains { $0.header.status == .unknownCommand && Self.isSwallowed($0.header.opcode) }
    }

    private static func isSwallowed(_ opcode: Opcode) -> Bool {
        guard let entry = OpcodeTable.entry(for: opcode) else { return true }
        switch opcode {
        case .saslAuthenticate, .saslStep: return false
        default: return entry.key != .none || entry.extras != .none
        }
    }
}
