import Memcached
import NIOCore

/// What a transcoder reads it can write and read again; everything else is a decoding error.
///
/// Input: which transcoder and which type, one byte; the flags word, four; the stored bytes.
enum TranscoderCheck {
    private static let limit = 1 << 16

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        var input = ByteBuffer(bytes: bytes)
        guard let choice = input.readInteger(as: UInt8.self), let flags = input.readInteger(as: UInt32.self) else {
            return .refused
        }
        let payload = MemcachedPayload(bytes: input, flags: flags)
        switch choice % 3 {
        case 0:
            return check(payload, choice / 3, MemcachedStandardTranscoder(decompressedByteLimit: limit))
        case 1:
            let transcoder = MemcachedStandardTranscoder(
                compression: .init(MemcachedFastLZAlgorithm(), threshold: 8, factor: 1),
                decompressedByteLimit: limit,
                ignoresForeignFlags: true
            )
            return check(payload, choice / 3, transcoder)
        default:
            let transcoder = MemcachedPHPTranscoder(
                compression: .init(MemcachedFastLZAlgorithm(), threshold: 8, factor: 1),
                decompressedByteLimit: limit
            )
            return check(payload, choice / 3, transcoder)
        }
    }

    private static func check(
        _ payload: MemcachedPayload,
        _ type: UInt8,
        _ transcoder: some MemcachedTranscoder
    ) -> FuzzVerdict {
        switch type % 10 {
        case 0: check(payload, String.self, transcoder)
        case 1: check(payload, [UInt8].self, transcoder)
        case 2: check(payload, Int.self, transcoder)
        case 3: check(payload, UInt8.self, transcoder)
        case 4: check(payload, UInt64.self, transcoder)
        case 5: check(payload, Double.self, transcoder) { $0 == $1 || $0.isNaN && $1.isNaN }
        case 6: check(payload, Float.self, transcoder) { $0 == $1 || $0.isNaN && $1.isNaN }
        case 7: check(payload, Bool.self, transcoder)
        case 8: check(payload, [String: [Int]].self, transcoder)
        default: check(payload, [String?].self, transcoder)
        }
    }

    private static func check<Value: Codable & Equatable & Sendable>(
        _ payload: MemcachedPayload,
        _ type: Value.Type,
        _ transcoder: some MemcachedTranscoder,
        isSame: (Value, Value) -> Bool = { $0 == $1 }
    ) -> FuzzVerdict {
        let value: Value
        do {
            value = try transcoder.decode(type, from: payload)
        } catch {
            guard (error as? MemcachedError)?.code == .decodingFailed else {
                return .broken("a value is refused with another error than decodingFailed")
            }
            return .refused
        }
        let stored: MemcachedPayload
        do {
            stored = try transcoder.encode(value)
        } catch {
            // Numbers that PHP has no room for are read where they stand as text, and not written.
            guard (error as? MemcachedError)?.code == .encodingFailed else {
                return .broken("a value is not written with another error than encodingFailed")
            }
            return .accepted
        }
        do {
            guard isSame(try transcoder.decode(type, from: stored), value) else {
                return .broken("a \(type) is written and read as another one")
            }
        } catch {
            return .broken("a \(type) is written and cannot be read")
        }
        return .accepted
    }
}
