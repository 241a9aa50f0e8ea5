extension MemcachedTLS {
    /// Where certificates or a key come from.
    ///
    /// Printing one shows a path or a number of bytes, never the bytes.
    public enum Source: Hashable, Sendable {
        /// The path of a file, PEM or DER.
        case file(String)
        /// The bytes of such a file.
        case bytes([UInt8])

        /// Text in PEM, for example from an environment variable.
        ///
        /// - Parameter pem: The text, from `-----BEGIN` on; what stands before it is ignored.
        /// - Returns: The text's bytes as a source.
        public static func text(_ pem: String) -> Source { .bytes(Array(pem.utf8)) }
    }
}

extension MemcachedTLS.Source: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The path or the number of bytes.
    public var description: String {
        switch self {
        case .file(let path): "file \(path)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }

    /// Without children, so that `dump` shows no bytes either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
