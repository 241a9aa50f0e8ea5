import NIOCore

extension MemcachedPHPTranscoder {
    /// Turns a value into bytes and flags.
    ///
    /// - Parameter value: What to store.
    /// - Returns: Bytes and flags.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/encodingFailed`` for integers that PHP has no room
    ///   for, for what JSON or the serializer has no form for, and when compressing fails.
    public func encode<Value: Encodable & Sendable>(_ value: Value) throws(MemcachedError) -> MemcachedPayload {
        switch PlainForm(of: value) {
        case .text(let text):
            return try large(ByteBuffer(string: text), .string)
        case .bytes(let bytes):
            return try large(bytes, .string)
        case .integer(let digits, let integer):
            guard integer != nil else {
                throw TranscodingFault.encoding(
                    "the integer is outside of PHP's range of 64 bits, signed; PHP would read another number. Store a "
                        + "String"
                )
            }
            return payload(ByteBuffer(string: digits), .integer)
        case .number(let number):
            return payload(ByteBuffer(string: PHPFloatText.text(of: number)), .float)
        case .boolean(let flag):
            return payload(ByteBuffer(string: flag ? "1" : ""), .boolean)
        case nil:
            guard let serializer else { return try large(try json.bytes(of: value), .json) }
            return try large(try serialized(value, by: serializer), .serialized(serializer.serialization))
        }
    }

    private func serialized<Value: Encodable & Sendable>(
        _ value: Value,
        by serializer: any MemcachedPHPSerializer
    ) throws(MemcachedError) -> ByteBuffer {
        do {
            return try serializer.serialize(value)
        } catch {
            throw TranscodingFault.encoding(
                "the serializer for PHP's \(serializer.serialization) could not write the \(Value.self)",
                cause: error
            )
        }
    }

    private func large(_ value: ByteBuffer, _ type: PHPValueType) throws(MemcachedError) -> MemcachedPayload {
        guard compression != nil else { return payload(value, type) }
        let (bytes, flags) = try compressedValue.compressed(value)
        return payload(bytes, type, flags)
    }

    private func payload(_ bytes: ByteBuffer, _ type: PHPValueType, _ flags: UInt32 = 0) -> MemcachedPayload {
        MemcachedPayload(bytes: bytes, flags: flags | UInt32(type.number) | UInt32(userFlags) << 16)
    }
}
