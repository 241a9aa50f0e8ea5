/// What a stream is cut into: a frame, or bytes that are none.
enum StreamUnit: Hashable, Sendable {
    /// One whole frame.
    case frame(RawFrame)
    /// Bytes as they came: text, or a stream that is not looked into.
    case bytes([UInt8])

    /// The frame, if it is one.
    var frame: RawFrame? {
        switch self {
        case .frame(let frame): frame
        case .bytes: nil
        }
    }

    /// All its bytes.
    var bytes: [UInt8] {
        switch self {
        case .frame(let frame): frame.bytes
        case .bytes(let bytes): bytes
        }
    }
}
