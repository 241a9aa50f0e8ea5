import NIOCore

/// Bytes as they are: `ByteBuffer`, `[UInt8]` and `Data`, and no other type.
///
/// The flags are written as given and not looked at on reading. Get one with ``MemcachedTranscoder/raw``.
public struct MemcachedRawTranscoder: MemcachedTranscoder, Hashable {
    /// The flags word that is written beside each value.
    public var flags: UInt32

    /// Makes a transcoder of bytes.
    /// - Parameter flags: The flags word that is written beside each value.
    public init(flags: UInt32 = 0) {
        self.flags = flags
    }

    /// Takes the bytes as they are.
    ///
    /// - Parameter value: A `ByteBuffer`, `[UInt8]` or `Data`.
    /// - Returns: The same bytes.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/encodingFailed`` for any other type.
    public func encode<Value: Encodable & Sendable>(_ value: Value) throws(MemcachedError) -> MemcachedPayload {
        guard case .bytes(let bytes) = PlainForm(of: value) else {
            throw TranscodingFault.encoding(
                "the raw transcoder stores ByteBuffer, [UInt8] and Data, not \(Value.self); choose another transcoder, "
                    + "or make bytes of the value"
            )
        }
        return MemcachedPayload(bytes: bytes, flags: flags)
    }

    /// Gives the bytes as they are.
    ///
    /// - Parameters:
    ///   - type: `ByteBuffer`, `[UInt8]` or `Data`.
    ///   - payload: What the server keeps.
    /// - Returns: The same bytes.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/decodingFailed`` for any other type.
    public func decode<Value: Decodable & Sendable>(
        _ type: Value.Type,
        from payload: MemcachedPayload
    ) throws(MemcachedError) -> Value {
        guard let value = try PlainForm.read(type, from: RawSource(stored: payload.bytes)) else {
            throw RawSource.refusal(of: type)
        }
        return value
    }
}

extension MemcachedTranscoder where Self == MemcachedRawTranscoder {
    /// Bytes only, as they are, with flags 0.
    public static var raw: MemcachedRawTranscoder { MemcachedRawTranscoder() }
}

/// Bytes that are nothing but bytes.
private struct RawSource: PlainSource {
    let stored: ByteBuffer

    static func refusal(of type: Any.Type) -> MemcachedError {
        TranscodingFault.decoding(
            "the raw transcoder reads ByteBuffer, [UInt8] and Data, not \(type); choose another transcoder, or read "
                + "bytes"
        )
    }

    func bytes() throws(MemcachedError) -> ByteBuffer { stored }

    func text() throws(MemcachedError) -> String { throw Self.refusal(of: String.self) }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(MemcachedError) -> Integer {
        throw Self.refusal(of: type)
    }

    func number<Number: DecimalNumber>(_ type: Number.Type) throws(MemcachedError) -> Number {
        throw Self.refusal(of: type)
    }

    func boolean() throws(MemcachedError) -> Bool { throw Self.refusal(of: Bool.self) }
}
