import Logging
public import Memcached

/// Keeps the sessions of an application in memcached, shared by all its processes and, if wanted, with PHP.
///
/// One handler serves all requests of a process. It works at once and there is nothing to run.
///
/// ```swift
/// let handler = try MemcachedSessionHandler(.fromEnvironment())
/// let outcome = try await handler.withSession(id: cookie) { session in
///     session["count", default: 0] += 1
///     return "Hello #\(session["count", default: 0])"
/// }
/// // outcome.cookie says whether to send Set-Cookie
/// ```
public final class MemcachedSessionHandler: Sendable {
    /// The settings.
    public let configuration: MemcachedSessionConfiguration
    /// The client under the handler, for example to run it in a `ServiceGroup` or to ask for statistics.
    public let client: MemcachedClient
    let core: SessionCore

    /// Makes a handler.
    ///
    /// Nothing is connected yet.
    ///
    /// - Parameter configuration: How sessions are kept.
    /// - Throws: ``MemcachedSessionError`` with code ``MemcachedSessionError/Code/invalidConfiguration``.
    public convenience init(_ configuration: MemcachedSessionConfiguration) throws(MemcachedSessionError) {
        try self.init(configuration, sender: nil, time: .system)
    }

    /// Makes a handler whose commands go elsewhere than to its client.
    init(
        _ configuration: MemcachedSessionConfiguration,
        sender: (any CommandSender)?,
        time: SessionTime
    ) throws(MemcachedSessionError) {
        try configuration.validate()
        do throws(MemcachedError) {
            if let name = configuration.poolName {
                self.client = try MemcachedClient.named(name, configuration.client)
            } else {
                self.client = try MemcachedClient(configuration.client)
            }
        } catch {
            throw MemcachedSessionError(.invalidConfiguration, error.detail, cause: error)
        }
        self.configuration = configuration
        self.core = SessionCore(configuration, sender: sender ?? client, time: time)
        if !configuration.ignoredSettings.isEmpty {
            core.logger.info(
                "PHP settings that mean nothing here",
                metadata: ["settings": "\(configuration.ignoredSettings.joined(separator: " "))"]
            )
        }
    }

    /// Ends the handler: nothing new is taken, and what is in flight may finish.
    ///
    /// One with ``MemcachedSessionConfiguration/poolName`` shares its pool with others in the process and leaves it open;
    /// `MemcachedClient.closeNamed(_:within:)` closes it.
    ///
    /// - Parameter patience: How long to wait for answers before the sockets are closed all the same.
    public func shutdown(within patience: Duration = .seconds(5)) async {
        await client.shutdown(within: patience)
    }
}
