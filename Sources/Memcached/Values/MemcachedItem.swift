public import NIOCore

/// An item as the server holds it: value, flags and CAS.
public struct MemcachedItem: Hashable, Sendable {
    /// The value.
    ///
    /// It may be empty, which is not a miss.
    public var value: ByteBuffer
    /// The 32-bit word that clients keep beside a value, by custom the kind of its encoding.
    public var flags: UInt32
    /// The item's version; nil when the server keeps none (`memcached -C`).
    public var cas: MemcachedCAS?

    /// Makes an item of its parts.
    public init(value: ByteBuffer, flags: UInt32 = 0, cas: MemcachedCAS? = nil) {
        self.value = value
        self.flags = flags
        self.cas = cas
    }

    /// The value as bytes.
    public var bytes: [UInt8] {
        Array(value.readableBytesView)
    }

    /// The value as text; bytes that are not UTF-8 become replacement characters.
    public var text: String {
        String(buffer: value)
    }
}
