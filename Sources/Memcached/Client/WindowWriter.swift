import MemcachedWire

/// Writes requests that differ in nothing but key, value and opaque behind one another into one piece of memory.
///
/// Made for one call that lends the memory, and not to be kept.
struct WindowWriter {
    private let target: UnsafeMutableRawBufferPointer
    private let namespace: UnsafeRawBufferPointer
    private var head: RequestHead
    /// The bytes written.
    private(set) var byteCount = 0

    /// - Parameters:
    ///   - target: Where to write.
    ///   - head: Opcode and extras of all requests, and the first one's opaque; the lengths do not matter.
    ///   - namespace: What stands before each key.
    init(into target: UnsafeMutableRawBufferPointer, _ head: RequestHead, namespace: UnsafeRawBufferPointer) {
        self.target = target
        self.namespace = namespace
        self.head = head
    }

    /// Writes the next request.
    ///
    /// - Parameters:
    ///   - key: A key that can be sent.
    ///   - value: The value, of less than 1 GiB; empty for none.
    /// - Returns: False, with nothing written, when there is no room for it.
    @inline(__always)
    mutating func write(_ key: MemcachedKey, value: UnsafeRawBufferPointer) -> Bool {
        key.withUnsafeBytes { key in
            let keyLength = namespace.count + key.count
            let length = head.byteCount + keyLength + value.count
            guard target.count - byteCount >= length, keyLength <= UInt16.max else { return false }
            head.keyLength = UInt16(truncatingIfNeeded: keyLength)
            head.valueLength = UInt32(truncatingIfNeeded: value.count)
            // There is room for all of it, and so it stays in bounds.
            var end = byteCount + head.write(into: UnsafeMutableRawBufferPointer(rebasing: target[byteCount...]))
            if !namespace.isEmpty { Self.copy(namespace, to: target, at: &end) }
            Self.copy(key, to: target, at: &end)
            Self.copy(value, to: target, at: &end)
            byteCount = end
            head.opaque &+= 1
            return true
        }
    }

    @inline(__always)
    private static func copy(
        _ bytes: UnsafeRawBufferPointer,
        to target: UnsafeMutableRawBufferPointer,
        at end: inout Int
    ) {
        guard let source = bytes.baseAddress, let start = target.baseAddress else { return }
        (start + end).copyMemory(from: source, byteCount: bytes.count)
        end += bytes.count
    }
}
