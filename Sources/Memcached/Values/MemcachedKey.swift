#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The key of an item: 1 to 250 bytes, any bytes.
///
/// A key compares and hashes by its bytes, so a key made from text and one made from the same bytes are one key.
/// Lengths are checked when an operation begins, together with the namespace, and before anything is sent.
///
/// ```swift
/// let literal: MemcachedKey = "user:42"
/// let interpolated: MemcachedKey = "user:\(id)"
/// let binary = MemcachedKey(bytes: [0x00, 0xFF])
/// ```
public struct MemcachedKey: Sendable {
    /// Text stays text, so that a literal costs no allocation; both cases mean their bytes and nothing else.
    private enum Storage: Sendable {
        case text(String)
        case bytes([UInt8])
    }

    private var storage: Storage

    /// Makes a key of a text's UTF-8 bytes.
    public init(_ text: some StringProtocol) {
        var text = String(text)
        text.makeContiguousUTF8()
        self.storage = .text(text)
    }

    /// Makes a key of bytes, which need not be text.
    public init(bytes: some Sequence<UInt8>) {
        self.storage = .bytes(Array(bytes))
    }

    /// The length in bytes.
    public var byteCount: Int {
        switch storage {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }

    /// The bytes.
    public var bytes: [UInt8] {
        withUnsafeBytes { Array($0) }
    }

    /// Calls `body` with the key's bytes, which are valid during the call only.
    ///
    /// - Parameter body: What to do with the bytes.
    /// - Returns: What `body` returns.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        switch storage {
        case .text(let text):
            // Text was made contiguous, so the second way is never taken.
            text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
                ?? Array(text.utf8).withUnsafeBytes(body)
        case .bytes(let bytes): bytes.withUnsafeBytes(body)
        }
    }
}

extension MemcachedKey: Hashable {
    /// Keys are equal when their bytes are.
    public static func == (lhs: MemcachedKey, rhs: MemcachedKey) -> Bool {
        lhs.withUnsafeBytes { left in
            rhs.withUnsafeBytes { right in left.hasSameBytes(as: right) }
        }
    }

    /// Feeds the bytes, however the key was made.
    ///
    /// - Parameter hasher: The hasher to feed.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes { hasher.combine(bytes: $0) }
        // Tells one key from two in something that is made of several.
        hasher.combine(0xFF as UInt8)
    }
}

extension MemcachedKey: ExpressibleByStringInterpolation {
    /// Makes a key of a literal's UTF-8 bytes.
    public init(stringLiteral value: String) {
        self.init(value)
    }
}

extension MemcachedKey: CustomStringConvertible {
    /// The key as text; bytes that are not UTF-8 show as replacement characters.
    public var description: String {
        switch storage {
        case .text(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether the bytes are the same.
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let first = baseAddress, let second = other.baseAddress else { return true }
        return memcmp(first, second, count) == 0
    }
}
