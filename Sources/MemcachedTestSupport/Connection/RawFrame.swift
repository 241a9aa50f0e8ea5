/// One frame of the binary protocol as bytes, readable and changeable field by field, whether it makes sense or not.
///
/// The layout is a header of 24 bytes (big-endian) and a body of extras, key and value in this order; source:
/// memcached's `doc/protocol-binary.txt`.
public struct RawFrame: Hashable, Sendable {
    /// The number of bytes of a header.
    public static let headerLength = 24
    /// The first byte of a request.
    public static let requestMagic: UInt8 = 0x80
    /// The first byte of a response.
    public static let responseMagic: UInt8 = 0x81

    /// All bytes of the frame, at least 24.
    public private(set) var bytes: [UInt8]

    /// Takes bytes that are one whole frame by the lengths in their header.
    ///
    /// The result is nil if there are fewer than 24 bytes, or more or fewer than the header announces.
    /// - Parameter bytes: Header and body.
    public init?(_ bytes: [UInt8]) {
        guard Self.announcedLength(bytes) == bytes.count else { return nil }
        self.bytes = bytes
    }

    /// Takes a header as it is, zeroes for what is missing of its 24 bytes, and a body that it may lie about.
    /// - Parameters:
    ///   - header: The first 24 bytes.
    ///   - body: All that follows.
    public init(header: [UInt8], body: [UInt8]) {
        let padding = [UInt8](repeating: 0, count: max(0, Self.headerLength - header.count))
        bytes = header.prefix(Self.headerLength) + padding + body
    }

    /// Makes a frame whose lengths agree with its parts.
    ///
    /// Lengths that do not fit their field are cut to its lowest bits.
    /// - Parameters:
    ///   - magic: The first byte.
    ///   - opcode: The command.
    ///   - status: The status of a response, the virtual bucket of a request.
    ///   - opaque: The number by which a response is matched to its request.
    ///   - cas: The CAS, 0 for none.
    ///   - extras: The extras.
    ///   - key: The key.
    ///   - value: The value.
    public init(
        magic: UInt8 = RawFrame.requestMagic,
        opcode: UInt8,
        status: UInt16 = 0,
        opaque: UInt32 = 0,
        cas: UInt64 = 0,
        extras: [UInt8] = [],
        key: [UInt8] = [],
        value: [UInt8] = []
    ) {
        bytes = [UInt8](repeating: 0, count: Self.headerLength)
        bytes.reserveCapacity(Self.headerLength + extras.count + key.count + value.count)
        bytes[0] = magic
        bytes[1] = opcode
        bytes += extras
        bytes += key
        bytes += value
        keyLength = UInt16(truncatingIfNeeded: key.count)
        extrasLength = UInt8(truncatingIfNeeded: extras.count)
        bodyLength = UInt32(truncatingIfNeeded: extras.count + key.count + value.count)
        self.status = status
        self.opaque = opaque
        self.cas = cas
    }

    /// The first byte: 0x80 in requests, 0x81 in responses.
    public var magic: UInt8 {
        get { bytes[0] }
        set { bytes[0] = newValue }
    }

    /// The command.
    public var opcode: UInt8 {
        get { bytes[1] }
        set { bytes[1] = newValue }
    }

    /// The length of the key as the header states it.
    public var keyLength: UInt16 {
        get { UInt16(truncatingIfNeeded: integer(at: 2, count: 2)) }
        set { setInteger(UInt64(newValue), at: 2, count: 2) }
    }

    /// The length of the extras as the header states it.
    public var extrasLength: UInt8 {
        get { bytes[4] }
        set { bytes[4] = newValue }
    }

    /// The status of a response; in a request the same two bytes are the virtual bucket.
    public var status: UInt16 {
        get { UInt16(truncatingIfNeeded: integer(at: 6, count: 2)) }
        set { setInteger(UInt64(newValue), at: 6, count: 2) }
    }

    /// The length of the body (extras, key and value together) as the header states it.
    public var bodyLength: UInt32 {
        get { UInt32(truncatingIfNeeded: integer(at: 8, count: 4)) }
        set { setInteger(UInt64(newValue), at: 8, count: 4) }
    }

    /// The number by which a response is matched to its request.
    public var opaque: UInt32 {
        get { UInt32(truncatingIfNeeded: integer(at: 12, count: 4)) }
        set { setInteger(UInt64(newValue), at: 12, count: 4) }
    }

    /// The CAS, 0 for none.
    public var cas: UInt64 {
        get { integer(at: 16, count: 8) }
        set { setInteger(newValue, at: 16, count: 8) }
    }

    /// The bytes after the header.
    public var body: [UInt8] {
        Array(bytes.dropFirst(Self.headerLength))
    }

    /// The extras, cut where the body is shorter than the header states.
    public var extras: [UInt8] {
        Array(bytes.dropFirst(Self.headerLength).prefix(Int(extrasLength)))
    }

    /// The key, cut where the body is shorter than the header states.
    public var key: [UInt8] {
        Array(bytes.dropFirst(Self.headerLength + Int(extrasLength)).prefix(Int(keyLength)))
    }

    /// What follows the key.
    public var value: [UInt8] {
        Array(bytes.dropFirst(Self.headerLength + Int(extrasLength) + Int(keyLength)))
    }

    /// The length of the frame that begins with these bytes, header included.
    /// - Parameter bytes: The beginning of a frame.
    /// - Returns: Nil while fewer than 12 bytes are at hand.
    static func announcedLength(_ bytes: some Collection<UInt8>) -> Int? {
        let head = Array(bytes.prefix(12))
        guard head.count == 12 else { return nil }
        return headerLength + head[8..<12].reduce(0) { $0 << 8 | Int($1) }
    }

    private func integer(at offset: Int, count: Int) -> UInt64 {
        bytes[offset..<offset + count].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func setInteger(_ value: UInt64, at offset: Int, count: Int) {
        for index in 0..<count {
            bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - index)))
        }
    }
}
