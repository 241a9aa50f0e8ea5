extension MemcachedTranscoder {
    /// Encodes a value; whatever goes wrong becomes a ``MemcachedError``.
    ///
    /// - Parameter value: What to store.
    /// - Returns: What the server shall keep.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/encodingFailed``.
    package func payload<Value: Encodable & Sendable>(of value: Value) throws(MemcachedError) -> MemcachedPayload {
        do {
            return try encode(value)
        } catch let error as MemcachedError {
            throw error
        } catch {
            throw TranscodingFault.encoding("the transcoder could not encode the \(Value.self)", cause: error)
        }
    }

    /// Decodes a value; whatever goes wrong becomes a ``MemcachedError``.
    ///
    /// - Parameters:
    ///   - type: The type asked for.
    ///   - payload: What the server keeps.
    /// - Returns: The value.
    /// - Throws: ``MemcachedError`` of code ``MemcachedError/Code/decodingFailed``.
    package func value<Value: Decodable & Sendable>(
        _ type: Value.Type,
        of payload: MemcachedPayload
    ) throws(MemcachedError) -> Value {
        do {
            return try decode(type, from: payload)
        } catch let error as MemcachedError {
            throw error
        } catch {
            throw TranscodingFault.decoding("the transcoder could not decode a \(Value.self)", cause: error)
        }
    }
}

/// Makes the errors of this folder.
///
/// Their texts name types, formats and members of types, never what is stored.
enum TranscodingFault {
    static func encoding(_ detail: String, cause: (any Error)? = nil) -> MemcachedError {
        MemcachedError(.encodingFailed, detail, outcome: .notSent, cause: cause)
    }

    static func decoding(_ detail: String, cause: (any Error)? = nil) -> MemcachedError {
        MemcachedError(.decodingFailed, detail, outcome: .rejected, cause: cause)
    }
}
