/// Cuts a stream into frames as its bytes come.
///
/// A stream whose next byte is not the magic of its direction is no longer cut, from that byte on.
struct FrameCutter: Sendable {
    private let magic: UInt8
    private var pending = ByteQueue()

    /// Whether bytes are passed on as they come.
    private(set) var isRaw: Bool

    /// Starts at the beginning of a stream.
    /// - Parameters:
    ///   - magic: The first byte of each frame.
    ///   - isRaw: Whether not to cut at all.
    init(magic: UInt8, isRaw: Bool = false) {
        self.magic = magic
        self.isRaw = isRaw
    }

    /// How many bytes wait for the rest of their frame.
    var pendingCount: Int { pending.count }

    /// Takes what has come.
    /// - Parameter bytes: The next bytes of the stream.
    /// - Returns: What is complete with them.
    mutating func cut(_ bytes: some Collection<UInt8>) -> [StreamUnit] {
        guard !isRaw else { return bytes.isEmpty ? [] : [.bytes(Array(bytes))] }
        pending.append(bytes)
        var units: [StreamUnit] = []
        while let first = pending.first {
            guard first == magic else {
                isRaw = true
                units.append(.bytes(finish()))
                break
            }
            guard let length = RawFrame.announcedLength(pending.bytes), length <= pending.count,
                let frame = RawFrame(Array(pending.slice(0..<length)))
            else { break }
            units.append(.frame(frame))
            pending.removeFirst(length)
        }
        return units
    }

    /// Takes the bytes of an unfinished frame at the end of the stream.
    /// - Returns: What had been waiting; empty if nothing had.
    mutating func finish() -> [UInt8] {
        defer { pending = ByteQueue() }
        return Array(pending.bytes)
    }
}
