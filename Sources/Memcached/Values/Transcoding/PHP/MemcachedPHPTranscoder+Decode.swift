import NIOCore

extension MemcachedPHPTranscoder {
    /// Turns bytes and flags into a value.
    ///
    /// - Parameters:
    ///   - type: The type asked for.
    ///   - payload: What the server keeps.
    /// - Returns: The value.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/decodingFailed`` for flags that php-memcached does not
    ///   know, for bytes that are not what the flags say, and when that is not what is asked for.
    public func decode<Value: Decodable & Sendable>(
        _ type: Value.Type,
        from payload: MemcachedPayload
    ) throws(MemcachedError) -> Value {
        let flags = PayloadFlags(word: payload.flags)
        guard let stored = PHPValueType(number: flags.type) else {
            throw TranscodingFault.decoding(
                "the flags \(flags.description) name the type \(flags.type), which php-memcached does not know"
            )
        }
        var bytes = payload.bytes
        if let format = try flags.compressionFormat() {
            bytes = try compressedValue.restored(bytes, format: format)
        }
        switch stored {
        case .string, .integer, .float, .boolean:
            return try plain(type, bytes, stored)
        case .json:
            return try json.value(type, from: bytes)
        case .serialized(let serialization):
            return try deserialized(type, bytes, serialization)
        }
    }

    private func plain<Value: Decodable & Sendable>(
        _ type: Value.Type,
        _ bytes: ByteBuffer,
        _ stored: PHPValueType
    ) throws(MemcachedError) -> Value {
        if let value = try PlainForm.read(type, from: PHPSource(type: stored, stored: bytes)) { return value }
        guard stored == .string else {
            throw TranscodingFault.decoding("the value is a PHP \(stored.description), not a \(type)")
        }
        return try json.value(type, from: bytes)
    }

    private func deserialized<Value: Decodable & Sendable>(
        _ type: Value.Type,
        _ bytes: ByteBuffer,
        _ serialization: MemcachedPHPSerialization
    ) throws(MemcachedError) -> Value {
        let candidates = (serializer.map { [$0] } ?? []) + deserializers
        guard let reader = candidates.first(where: { $0.serialization == serialization }) else {
            throw TranscodingFault.decoding(
                "the value is in PHP's \(serialization) format; give the transcoder a MemcachedPHPSerializer that reads "
                    + "it, or let PHP store JSON (Memcached::OPT_SERIALIZER)"
            )
        }
        do {
            return try reader.deserialize(type, from: bytes)
        } catch {
            throw TranscodingFault.decoding(
                "the serializer for PHP's \(serialization) could not read the value as a \(type)",
                cause: error
            )
        }
    }
}
