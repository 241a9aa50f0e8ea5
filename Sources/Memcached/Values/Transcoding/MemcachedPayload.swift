public import NIOCore

/// A value as it is stored: its bytes and the flags word that says how to read them.
public struct MemcachedPayload: Hashable, Sendable {
    /// The bytes of the item's value.
    public var bytes: ByteBuffer
    /// The 32-bit word that the server keeps beside the value and gives back with it.
    public var flags: UInt32

    /// Makes a payload of its parts.
    public init(bytes: ByteBuffer, flags: UInt32 = 0) {
        self.bytes = bytes
        self.flags = flags
    }
}
