import NIOCore

/// What one write puts into a value: it says whose it is, which write it was and how long it is.
struct Piece: Hashable, Sendable {
    /// The number of the write among those of its key's owner; no two writes share one.
    var sequence: UInt32
    /// How many bytes follow the head.
    var fillerLength: UInt32

    /// The length of a head: mark and key, sequence, filler's length.
    private static let headLength = 12
    /// The first byte of each piece, which is neither a digit nor UTF-8.
    private static let mark: UInt32 = 0xFE00_0000
    /// How far into ``filler`` a piece's filler may begin.
    private static let offsets: UInt32 = 65_536
    /// The longest filler.
    static let longestFiller = 448 * 1024

    /// Bytes without a pattern, of which each piece has a part of its own.
    private static let filler: ByteBuffer = {
        var state: UInt64 = 0x5EED
        var buffer = ByteBuffer()
        for _ in 0..<(longestFiller + Int(offsets)) / 8 {
            // Knuth's 64-bit linear congruential generator (MMIX), of which the upper half is well mixed.
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            buffer.writeInteger(state ^ (state >> 29))
        }
        return buffer
    }()

    /// The length of the piece in a value.
    var byteCount: Int { Self.headLength + Int(fillerLength) }

    /// Writes the piece as part of a value of a key.
    func write(to buffer: inout ByteBuffer, key: UInt32) {
        buffer.writeInteger(Self.mark | key)
        buffer.writeInteger(sequence)
        buffer.writeInteger(fillerLength)
        if let part = filler(key: key) { buffer.writeImmutableBuffer(part) }
    }

    /// Reads a piece of a key's value; nil when the bytes are anything else.
    static func read(from buffer: inout ByteBuffer, key: UInt32) -> Piece? {
        guard
            let (mark, sequence, length) = buffer.readMultipleIntegers(as: (UInt32, UInt32, UInt32).self),
            mark == Self.mark | key, length <= longestFiller
        else { return nil }
        let piece = Piece(sequence: sequence, fillerLength: length)
        guard let found = buffer.readSlice(length: Int(length)), found == piece.filler(key: key) else { return nil }
        return piece
    }

    private func filler(key: UInt32) -> ByteBuffer? {
        let offset = (key &* 31 &+ sequence &* 7) % Self.offsets
        return Self.filler.getSlice(at: Int(offset), length: Int(fillerLength))
    }
}
