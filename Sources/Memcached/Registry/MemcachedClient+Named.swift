extension MemcachedClient {
    /// Opens the pool with a name, or makes it if it is not open yet.
    ///
    /// Everybody in the process who opens the same name with the same configuration shares one set of connections,
    /// however often it is opened. They stay open when all clients have gone, as PHP's persistent ones do, until
    /// ``closeNamed(_:within:)`` or the end of the process.
    ///
    /// ```swift
    /// let cache = try MemcachedClient.named("myapp_session", configuration)
    /// ```
    ///
    /// ``shutdown(within:)`` of such a client, and a `ServiceGroup` that runs it, leave the pool to the others.
    ///
    /// What has to be the same is every setting but `logger`: the pool keeps the first one, with the name as metadata
    /// `pool`. Settings are compared by `==`, event loops by identity, and what has no `==`, such as a transcoder, part
    /// by part; objects and closures inside of it, such as a JSON encoder, count as the same when their types are. A
    /// provider of credentials has to be a copy of the first one.
    ///
    /// - Parameters:
    ///   - name: The name; not empty.
    ///   - configuration: What to connect to and how.
    /// - Returns: A client over the pool's connections.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration``: the configuration makes no
    ///   sense, or the pool was opened with another one; the text names the settings that differ, never their values.
    public static func named(
        _ name: String,
        _ configuration: MemcachedConfiguration
    ) throws(MemcachedError) -> MemcachedClient {
        try NamedPools.process.open(name, configuration)
    }

    /// The named pools that are open in this process, by name.
    public static var namedPools: [MemcachedNamedPool] { NamedPools.process.list }

    /// Closes a named pool: nothing new is taken, and what is in flight may finish.
    ///
    /// Clients that have it fail from then on with ``MemcachedError/Code/clientShutDown``. The name is free at once:
    /// opening it again makes a new pool, with the same or another configuration.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - patience: How long to wait for answers before the sockets are closed all the same.
    /// - Returns: Whether there was a pool with this name.
    @discardableResult
    public static func closeNamed(_ name: String, within patience: Duration = .seconds(5)) async -> Bool {
        await NamedPools.process.close(name, within: patience)
    }
}
