import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// JSON to and from bytes, with errors that hold no value.
struct JSONCoding: Sendable {
    let encoder: JSONEncoder
    let decoder: JSONDecoder

    func bytes<Value: Encodable>(of value: Value) throws(MemcachedError) -> ByteBuffer {
        do {
            return ByteBuffer(bytes: try encoder.encode(value))
        } catch {
            throw TranscodingFault.encoding(JSONFault.explanation(of: error, encoding: Value.self))
        }
    }

    func value<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws(MemcachedError) -> Value {
        do {
            return try decoder.decode(type, from: Data(bytes.readableBytesView))
        } catch {
            throw TranscodingFault.decoding(JSONFault.explanation(of: error, decoding: type))
        }
    }
}
