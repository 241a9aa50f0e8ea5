/// A PHP session: named variables, read from the bytes that a PHP session handler stored, and written for it again.
///
/// ```swift
/// var session = try PHPSession(decoding: bytes, format: .php)
/// let apple = session["cart", "items", 0]?.text
/// session["count"] = 5
/// let changed = try session.encoded()
/// ```
///
/// A session that was not changed is written as the bytes it was read from. When variables were changed, the others
/// keep their bytes in PHP's three text formats, and their meaning in all formats.
public struct PHPSession: Sendable {
    /// The format the session was read from, and is written in by default.
    public let format: PHPSessionFormat

    /// How large a session may be.
    public let limits: PHPSessionLimits

    var value: PHPValue
    var source: Source?

    /// What a session was read from.
    struct Source: Sendable {
        let bytes: [UInt8]
        var isChanged = false
        /// Where the variables stand in the bytes, for the formats in which they can be told apart.
        var provenance: Provenance?
        /// The variable of each member of the root that still is as it was read, −1 for others.
        var variableOfMember: [Int] = []
        /// Variables with a cell that was changed, be it through a reference or object somewhere else.
        var changedVariables: Set<Int> = []
    }

    /// Creates an empty session.
    ///
    /// - Parameters:
    ///   - format: The format it is written in.
    ///   - limits: How large it may be.
    public init(format: PHPSessionFormat, limits: PHPSessionLimits = .standard) {
        self.format = format
        self.limits = limits
        value = PHPValue(PHPArray())
    }

    /// Creates a session of variables.
    ///
    /// - Parameters:
    ///   - variables: The variables by name.
    ///   - format: The format it is written in.
    ///   - limits: How large it may be.
    public init(_ variables: PHPArray, format: PHPSessionFormat, limits: PHPSessionLimits = .standard) {
        self.init(format: format, limits: limits)
        value = PHPValue(variables)
    }

    /// All variables as one value: an array, or what stood in its place in a `php_serialize` session.
    public var root: PHPValue { value }

    /// The names of the variables in order.
    ///
    /// Names are integers in `php_serialize` sessions only.
    public var names: [PHPKey] { value.array?.keys ?? [] }

    /// The number of variables.
    public var count: Int { value.array?.count ?? 0 }

    /// Whether there is no variable.
    public var isEmpty: Bool { count == 0 }

    /// Whether a variable was set or removed since the session was read.
    ///
    /// Always true for one that was not read.
    public var isChanged: Bool { source?.isChanged ?? true }
}

extension PHPSession: CustomStringConvertible {
    /// The format and the number of variables, not what they hold.
    public var description: String { "\(format.rawValue) session with \(count) variables" }
}
