/// The 24 bytes that begin every response.
///
/// Layout (big-endian): magic 0x81, opcode, key length (2), extras length (1), data type (1), status (2),
/// body length (4), opaque (4), CAS (8). The body is extras, key, value in this order.
package struct ResponseHeader: Hashable, Sendable {
    /// The first byte of every response.
    package static let magic: UInt8 = 0x81
    /// The length of a header in bytes.
    package static let byteCount = 24

    package var opcode: Opcode
    package var status: Status
    package var keyLength: UInt16
    package var extrasLength: UInt8
    package var dataType: UInt8
    /// Extras, key and value together, in bytes.
    package var bodyLength: UInt32
    package var opaque: UInt32
    package var cas: UInt64

    package init(
        opcode: Opcode,
        status: Status,
        keyLength: UInt16 = 0,
        extrasLength: UInt8 = 0,
        dataType: UInt8 = 0,
        bodyLength: UInt32 = 0,
        opaque: UInt32 = 0,
        cas: UInt64 = 0
    ) {
        self.opcode = opcode
        self.status = status
        self.keyLength = keyLength
        self.extrasLength = extrasLength
        self.dataType = dataType
        self.bodyLength = bodyLength
        self.opaque = opaque
        self.cas = cas
    }

    /// The length of the value in bytes: the body less extras and key.
    package var valueLength: Int {
        Int(bodyLength) - Int(keyLength) - Int(extrasLength)
    }

    /// The length of header and body in bytes.
    package var frameLength: Int {
        Self.byteCount + Int(bodyLength)
    }

    /// Reads a header from the first 24 bytes.
    ///
    /// - Parameter bytes: At least 24 bytes, else ``FramingError/truncated``.
    /// - Throws: ``FramingError`` when the magic is wrong or key and extras are longer than the body.
    package init(parsing bytes: RawSpan) throws(FramingError) {
        guard let first = bytes.byte(at: 0) else { throw .truncated }
        guard first == Self.magic else { throw .notBinary(firstByte: first) }
        guard bytes.byteCount >= Self.byteCount else { throw .truncated }
        self.opcode = Opcode(rawValue: bytes.bigEndian(at: 1, as: UInt8.self))
        self.keyLength = bytes.bigEndian(at: 2, as: UInt16.self)
        self.extrasLength = bytes.bigEndian(at: 4, as: UInt8.self)
        self.dataType = bytes.bigEndian(at: 5, as: UInt8.self)
        self.status = Status(rawValue: bytes.bigEndian(at: 6, as: UInt16.self))
        self.bodyLength = bytes.bigEndian(at: 8, as: UInt32.self)
        self.opaque = bytes.bigEndian(at: 12, as: UInt32.self)
        self.cas = bytes.bigEndian(at: 16, as: UInt64.self)
        guard valueLength >= 0 else {
            throw .inconsistentLengths(keyLength: keyLength, extrasLength: extrasLength, bodyLength: bodyLength)
        }
    }

    /// The header as bytes, for servers in tests.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = [Self.magic, opcode.rawValue]
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendBigEndian(keyLength)
        bytes.append(extrasLength)
        bytes.append(dataType)
        bytes.appendBigEndian(status.rawValue)
        bytes.appendBigEndian(bodyLength)
        bytes.appendBigEndian(opaque)
        bytes.appendBigEndian(cas)
        return bytes
    }
}
