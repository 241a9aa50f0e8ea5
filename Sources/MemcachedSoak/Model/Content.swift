import Memcached
import NIOCore

/// What is stored under a key, as far as the model looks at it.
enum Content: Hashable, Sendable {
    /// Pieces in their order, and the flags beside them.
    case pieces([Piece], flags: UInt32)
    /// A counter, whose flags are 0.
    case number(UInt64)

    var flags: UInt32 {
        switch self {
        case .pieces(_, let flags): flags
        case .number: 0
        }
    }

    /// The value's length; of a counter an upper bound.
    var byteCount: Int {
        switch self {
        case .pieces(let pieces, _): pieces.reduce(0) { $0 + $1.byteCount }
        case .number: 20
        }
    }

    /// The value on the wire.
    func bytes(for key: SoakKey) -> ByteBuffer {
        switch self {
        case .pieces(let pieces, _):
            var buffer = ByteBuffer()
            for piece in pieces { piece.write(to: &buffer, key: key.number) }
            return buffer
        case .number(let number):
            return ByteBuffer(string: "\(number)")
        }
    }

    /// Reads a value.
    ///
    /// - Returns: Nil when the bytes are not a value of this key: another key's, cut short, or mixed up.
    static func read(_ item: MemcachedItem, of key: SoakKey) -> Content? {
        key.isCounter ? readNumber(item) : readPieces(item, of: key)
    }

    private static func readPieces(_ item: MemcachedItem, of key: SoakKey) -> Content? {
        var rest = item.value
        var pieces: [Piece] = []
        while rest.readableBytes > 0 {
            guard let piece = Piece.read(from: &rest, key: key.number) else { return nil }
            pieces.append(piece)
        }
        return .pieces(pieces, flags: item.flags)
    }

    /// memcached pads a number that has become shorter with blanks on the right.
    private static func readNumber(_ item: MemcachedItem) -> Content? {
        guard item.flags == 0 else { return nil }
        let digits = item.text.prefix { $0 != " " }
        guard item.text.dropFirst(digits.count).allSatisfy({ $0 == " " }) else { return nil }
        return UInt64(digits).map { .number($0) }
    }
}

extension Content: CustomStringConvertible {
    /// A number, or the numbers of the writes that the value consists of.
    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .pieces(let pieces, _): "[" + pieces.map { "#\($0.sequence)" }.joined(separator: " ") + "]"
        }
    }
}
