/// A PHP string: bytes, with no encoding promised.
public struct PHPString: Sendable, Hashable {
    /// The bytes of the string.
    public var bytes: [UInt8]

    /// Creates a string of bytes.
    ///
    /// - Parameter bytes: The bytes, in any encoding or none.
    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// Creates a string of text, encoded as UTF-8.
    ///
    /// - Parameter text: The text.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The text of the string, or nil where its bytes are not UTF-8.
    public var text: String? { String(validating: bytes, as: UTF8.self) }

    /// Feeds the bytes into a hasher.
    ///
    /// - Parameter hasher: The hasher.
    public func hash(into hasher: inout Hasher) {
        // One call for all bytes; the pointer does not leave the closure.
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        hasher.combine(bytes.count)
    }
}

extension PHPString: ExpressibleByStringLiteral {
    /// Creates a string from a literal.
    ///
    /// - Parameter value: The literal.
    public init(stringLiteral value: String) { self.init(value) }
}

extension PHPString: CustomStringConvertible {
    /// The number of bytes, not the bytes: session data does not belong in a log.
    public var description: String { "\(bytes.count) bytes" }
}
