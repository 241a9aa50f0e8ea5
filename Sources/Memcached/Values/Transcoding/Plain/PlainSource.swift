import NIOCore

/// Stored bytes that can be read as one of the plain types; what they are is the transcoder's knowledge.
///
/// Each member throws ``MemcachedError`` of code ``MemcachedError/Code/decodingFailed`` when the bytes are not that.
protocol PlainSource {
    func bytes() throws(MemcachedError) -> ByteBuffer
    func text() throws(MemcachedError) -> String
    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(MemcachedError) -> Integer
    func number<Number: DecimalNumber>(_ type: Number.Type) throws(MemcachedError) -> Number
    func boolean() throws(MemcachedError) -> Bool
}

/// The reading of bytes that are the text of what is asked for, common to the transcoders.
enum PlainText {
    /// The text, if it is UTF-8.
    static func valid(_ stored: ByteBuffer) -> String? {
        stored.withUnsafeReadableBytes { valid($0) }
    }

    /// The text, if it is UTF-8.
    static func valid(_ bytes: UnsafeRawBufferPointer) -> String? {
        // Reading repairs what is not UTF-8, and then the bytes are others. That is faster than `String(validating:)`.
        let text = String(decoding: bytes, as: UTF8.self)
        let isSame = text.utf8.withContiguousStorageIfAvailable { UnsafeRawBufferPointer($0).hasSameBytes(as: bytes) }
        return isSame == true ? text : nil
    }

    static func text(_ stored: ByteBuffer) throws(MemcachedError) -> String {
        guard let text = valid(stored) else {
            throw TranscodingFault.decoding("the value is not UTF-8 text; read it as bytes")
        }
        return text
    }

    /// Reads decimal digits.
    ///
    /// A counter that has become shorter is padded with blanks by the server, so blanks around the digits do not count.
    static func integer<Integer: FixedWidthInteger>(
        _ stored: ByteBuffer,
        as type: Integer.Type
    ) throws(MemcachedError) -> Integer {
        switch DecimalText.integer(stored.readableBytesView, as: type) {
        case .value(let value): return value
        case .outOfRange: throw TranscodingFault.decoding("the stored integer does not fit into \(type)")
        case .notANumber: throw TranscodingFault.decoding("the value is not a decimal integer, so it is no \(type)")
        }
    }

    static func number<Number: DecimalNumber>(
        _ stored: ByteBuffer,
        as type: Number.Type
    ) throws(MemcachedError) -> Number {
        switch DecimalText.number(stored.readableBytesView, as: type) {
        case .value(let value): return value
        case .outOfRange: throw TranscodingFault.decoding("the stored number does not fit into \(type)")
        case .notANumber: throw TranscodingFault.decoding("the value is not a decimal number, so it is no \(type)")
        }
    }
}
