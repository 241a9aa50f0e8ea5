/// User name and password for SASL.
///
/// They are what servers compare: their bytes in UTF-8. So two are the same when their bytes are, though `String` takes a
/// precomposed letter and its two parts for one. Printing one shows neither.
public struct MemcachedCredentials: Hashable, Sendable {
    /// The user name, with `@realm` where the server wants one.
    public var username: String
    /// The password.
    public var password: String

    /// Makes credentials.
    public init(username: String, password: String) {
        self.username = username
        self.password = password
    }
}

extension MemcachedCredentials {
    /// Whether two are the same, byte by byte.
    public static func == (lhs: MemcachedCredentials, rhs: MemcachedCredentials) -> Bool {
        lhs.username.utf8.elementsEqual(rhs.username.utf8) && lhs.password.utf8.elementsEqual(rhs.password.utf8)
    }

    /// Hashes the bytes of both.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(Array(username.utf8))
        hasher.combine(Array(password.utf8))
    }
}

extension MemcachedCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
