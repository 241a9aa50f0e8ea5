/// Reads bytes from front to back; each error knows where it stopped.
struct ByteCursor: Sendable {
    let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8], limits: PHPSessionLimits) throws(PHPSessionCodecError) {
        guard bytes.count <= limits.maximumBytes else {
            throw PHPSessionCodecError(.tooLarge, at: 0, "more bytes than maximumBytes")
        }
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    var remaining: Int { bytes.count - offset }

    /// The next byte, which stays where it is.
    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    /// Leaves the next byte behind, if there is one.
    mutating func skip() {
        if offset < bytes.count { offset += 1 }
    }

    mutating func readByte() throws(PHPSessionCodecError) -> UInt8 {
        guard offset < bytes.count else { throw endOfInput() }
        offset += 1
        return bytes[offset - 1]
    }

    mutating func read(_ count: Int) throws(PHPSessionCodecError) -> ArraySlice<UInt8> {
        guard count <= remaining else { throw endOfInput() }
        offset += count
        return bytes[(offset - count)..<offset]
    }

    mutating func readString(_ count: Int) throws(PHPSessionCodecError) -> PHPString {
        PHPString(bytes: try read(count))
    }

    /// A big-endian number of `size` bytes.
    mutating func readBigEndian(_ size: Int) throws(PHPSessionCodecError) -> UInt64 {
        try read(size).reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func expect(_ byte: UInt8, _ reason: String) throws(PHPSessionCodecError) {
        guard offset < bytes.count else { throw endOfInput() }
        guard bytes[offset] == byte else { throw malformed(reason) }
        offset += 1
    }

    func malformed(_ reason: String) -> PHPSessionCodecError {
        PHPSessionCodecError(.malformed, at: offset, reason)
    }

    func endOfInput() -> PHPSessionCodecError {
        PHPSessionCodecError(.unexpectedEnd, at: bytes.count, "the data ends inside a value")
    }
}
