/// Why bytes could not be read as PHP data, or why a value could not be written.
///
/// Two errors are equal when their codes are. The text names what was expected and never holds a byte of the data.
public struct PHPSessionCodecError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, to be compared with.
    public let code: Code

    /// The offset in bytes at which reading stopped, counted from 0; nil where no input was read.
    public let offset: Int?

    /// What was expected, in fixed words without data.
    public let reason: String

    init(_ code: Code, at offset: Int? = nil, _ reason: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
    }

    /// The code, the offset and the reason in one line, without data.
    public var description: String {
        guard let offset else { return "\(code): \(reason)" }
        return "\(code) at byte \(offset): \(reason)"
    }

    /// Whether two errors have the same code.
    ///
    /// - Parameters:
    ///   - left: One error.
    ///   - right: Another error.
    /// - Returns: True where the codes are equal.
    public static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    /// Feeds the code into a hasher.
    ///
    /// - Parameter hasher: The hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}
