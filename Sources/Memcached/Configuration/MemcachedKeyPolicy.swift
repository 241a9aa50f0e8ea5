import MemcachedHashing

/// What is done with keys that some clients or servers do not take.
///
/// The defaults refuse nothing that memcached takes.
public struct MemcachedKeyPolicy: Hashable, Sendable {
    /// What to do with a key that is longer than 250 bytes with its namespace.
    public enum LongKeys: Hashable, Sendable {
        /// The operation throws ``MemcachedError/Code/invalidKey``.
        case refuse
        /// The key is stored as `sha256:` and the 64 hexadecimal digits of its SHA-256.
        ///
        /// So is a key that begins with `sha256:` itself, so that nobody can name another's long key.
        case hash
    }

    /// What to do with long keys.
    public var longKeys = LongKeys.refuse
    /// Whether to refuse keys that clients of the text protocol cannot name: with blanks, control characters, DEL.
    public var requiresTextSafe = false

    /// The defaults.
    public init() {}

    static let hashMark = "sha256:"

    /// The key as it is stored and placed.
    func stored(_ key: MemcachedKey, namespaceLength: Int, longest: Int) -> MemcachedKey {
        guard longKeys == .hash else { return key }
        let isHashed =
            key.byteCount + namespaceLength > longest
            || key.withUnsafeBytes { $0.starts(with: Self.hashMark.utf8) }
        return isHashed ? MemcachedKey(Self.hashMark + SHA256.hexadecimal(of: key.bytes)) : key
    }

    /// Whether a client of the text protocol could name the key.
    static func isTextSafe(_ key: MemcachedKey) -> Bool {
        key.withUnsafeBytes { $0.allSatisfy { $0 > 0x20 && $0 != 0x7F } }
    }
}
