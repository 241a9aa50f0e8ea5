import Memcached
import NIOCore
import Synchronization

/// Stands in for a reader and writer of one of PHP's formats: gives out what it was given, keeps what it received.
final class StubSerializer: MemcachedPHPSerializer {
    struct Refusal: Error {}

    let serialization: MemcachedPHPSerialization
    private let given: ByteBuffer
    private let log = Mutex<[ByteBuffer]>([])

    init(_ serialization: MemcachedPHPSerialization, giving given: ByteBuffer = ByteBuffer()) {
        self.serialization = serialization
        self.given = given
    }

    /// The stub for a type number of the flags word.
    convenience init?(type: UInt32, giving given: ByteBuffer = ByteBuffer()) {
        switch type {
        case 4: self.init(.php, giving: given)
        case 5: self.init(.igbinary, giving: given)
        case 7: self.init(.msgpack, giving: given)
        default: return nil
        }
    }

    var received: [ByteBuffer] { log.withLock { $0 } }

    func serialize<Value: Encodable & Sendable>(_ value: Value) throws -> ByteBuffer { given }

    func deserialize<Value: Decodable & Sendable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        log.withLock { $0.append(bytes) }
        guard let answer = "deserialised" as? Value else { throw Refusal() }
        return answer
    }
}
