/// User name and password for SASL.
///
/// Printing one shows neither.
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

extension MemcachedCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
