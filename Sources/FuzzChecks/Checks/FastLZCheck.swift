import Memcached
import NIOCore

/// A block yields no more than is allowed; what is compressed comes back.
///
/// Input: a block, and as well a value to compress; a short one that begins with 0xAA is repeated until level 2 is used.
enum FastLZCheck {
    private static let limit = 1 << 16

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        let algorithm = MemcachedFastLZAlgorithm()
        var value = ByteBuffer(bytes: bytes)
        if bytes.first == 0xAA, bytes.count <= 32 {
            while value.readableBytes <= limit { value.writeBytes(bytes) }
        }
        if value.readableBytes > 0 {
            do throws(MemcachedDecompressionError) {
                let block = algorithm.compress(value)
                guard try algorithm.decompress(block, limit: value.readableBytes) == value else {
                    return .broken("a value comes back as another one")
                }
            } catch {
                return .broken("a value does not come back")
            }
        }
        do throws(MemcachedDecompressionError) {
            let restored = try algorithm.decompress(ByteBuffer(bytes: bytes), limit: limit)
            guard restored.readableBytes <= limit else { return .broken("a block yields more than is allowed") }
            return .accepted
        } catch {
            return .refused
        }
    }
}
