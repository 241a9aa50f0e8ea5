/// Where credentials come from when they change while the process runs, or differ from server to server.
///
/// ```swift
/// configuration.credentialsProvider = MemcachedCredentialsProvider { server in
///     try await vault.credentials(for: server.label)
/// }
/// ```
///
/// It is asked for each new connection. When its answer differs from that before, the connections that were made with
/// the old one finish what they have in flight and are closed; ``MemcachedClient/rotateCredentials()`` makes the client
/// ask at once. It has ``MemcachedAuthentication/providerTimeout`` to answer; until it does, the connection is not even
/// opened, so that no socket waits unauthenticated.
///
/// Two providers are equal when one is a copy of the other. Printing one shows nothing.
public struct MemcachedCredentialsProvider: Sendable {
    private final class Body: Sendable {
        let call: @Sendable (MemcachedServer) async throws -> MemcachedCredentials?

        init(_ call: @escaping @Sendable (MemcachedServer) async throws -> MemcachedCredentials?) {
            self.call = call
        }
    }

    private let body: Body

    /// Makes a provider.
    ///
    /// - Parameter body: Returns the credentials for a server as it stands in the configuration; nil when that server
    ///   has no SASL.
    public init(_ body: @escaping @Sendable (_ server: MemcachedServer) async throws -> MemcachedCredentials?) {
        self.body = Body(body)
    }

    func credentials(for server: MemcachedServer) async throws -> MemcachedCredentials? {
        try await body.call(server)
    }
}

extension MemcachedCredentialsProvider: Hashable {
    /// Whether one is a copy of the other.
    public static func == (lhs: MemcachedCredentialsProvider, rhs: MemcachedCredentialsProvider) -> Bool {
        lhs.body === rhs.body
    }

    /// Hashes what makes providers equal.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(body))
    }
}

extension MemcachedCredentialsProvider: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<provider>`.
    public var description: String { "<provider>" }
    /// Always `<provider>`.
    public var debugDescription: String { "<provider>" }
    /// Without children: what the closure holds is nobody's business.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
