import MemcachedWire
import NIOCore

/// One request as values, before it has an opaque: what an operation hands to a connection.
struct Request: Sendable {
    var opcode: Opcode
    var extras: RequestExtras = .none
    /// The CAS condition, 0 for none.
    var cas: UInt64 = 0
    /// What stands before the key on the wire.
    var namespace: String = ""
    var key: MemcachedKey?
    var value: ByteBuffer?

    /// Namespace and key together, in bytes.
    var keyLength: Int {
        guard let key else { return 0 }
        return namespace.utf8.count + key.byteCount
    }

    /// The length on the wire, in bytes.
    var byteCount: Int {
        RequestHeader.byteCount + extras.byteCount + keyLength + (value?.readableBytes ?? 0)
    }

    /// Whether its answer says something of where items are kept: what stands in front of that answers the others itself.
    var isAboutKey: Bool { opcode.isAboutKey && key != nil }

    /// Whether sending it twice is as good as once.
    var isRead: Bool { opcode.isRead }
}

extension Opcode {
    /// Whether its answer says something of where items are kept, if it is about a key.
    var isAboutKey: Bool {
        switch self {
        case .noop, .version, .stat, .flush, .flushQuiet: false
        default: true
        }
    }

    /// Whether sending it twice is as good as once.
    var isRead: Bool {
        switch self {
        case .get, .getKey, .getQuiet, .getKeyQuiet, .noop, .version, .stat: true
        default: false
        }
    }
}
