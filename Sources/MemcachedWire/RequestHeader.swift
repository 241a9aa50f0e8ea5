/// The 24 bytes that begin every request.
///
/// Layout as in ``ResponseHeader`` with magic 0x80 and the vbucket id where a response has its status.
package struct RequestHeader: Hashable, Sendable {
    /// The first byte of every request.
    package static let magic: UInt8 = 0x80
    /// The length of a header in bytes.
    package static let byteCount = 24

    package var opcode: Opcode
    package var keyLength: UInt16
    package var extrasLength: UInt8
    package var dataType: UInt8
    package var vbucket: UInt16
    /// Extras, key and value together, in bytes.
    package var bodyLength: UInt32
    package var opaque: UInt32
    package var cas: UInt64

    /// Reads a header from the first 24 bytes, for servers and proxies in tests.
    ///
    /// - Throws: ``FramingError`` when bytes are missing, the magic is not 0x80, or the lengths contradict each other.
    package init(parsing bytes: RawSpan) throws(FramingError) {
        guard let first = bytes.byte(at: 0) else { throw .truncated }
        guard first == Self.magic else { throw .notBinary(firstByte: first) }
        guard bytes.byteCount >= Self.byteCount else { throw .truncated }
        self.opcode = Opcode(rawValue: bytes.bigEndian(at: 1, as: UInt8.self))
        self.keyLength = bytes.bigEndian(at: 2, as: UInt16.self)
        self.extrasLength = bytes.bigEndian(at: 4, as: UInt8.self)
        self.dataType = bytes.bigEndian(at: 5, as: UInt8.self)
        self.vbucket = bytes.bigEndian(at: 6, as: UInt16.self)
        self.bodyLength = bytes.bigEndian(at: 8, as: UInt32.self)
        self.opaque = bytes.bigEndian(at: 12, as: UInt32.self)
        self.cas = bytes.bigEndian(at: 16, as: UInt64.self)
        guard Int(bodyLength) >= Int(keyLength) + Int(extrasLength) else {
            throw .inconsistentLengths(keyLength: keyLength, extrasLength: extrasLength, bodyLength: bodyLength)
        }
    }

    /// The length of the value in bytes: the body less extras and key.
    package var valueLength: Int {
        Int(bodyLength) - Int(keyLength) - Int(extrasLength)
    }

    /// The length of header and body in bytes.
    package var frameLength: Int {
        Self.byteCount + Int(bodyLength)
    }
}
