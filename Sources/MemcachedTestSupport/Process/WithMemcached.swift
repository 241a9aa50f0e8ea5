/// Starts a memcached for the length of a closure and stops it whatever happens.
///
/// ```swift
/// try await withMemcached(.init(sasl: .init(user: "alice", password: "s3cret"))) { server in
///     print(server.address)  // 127.0.0.1:21742
/// }
/// ```
/// - Parameters:
///   - options: What kind of server.
///   - body: What to do with it.
/// - Throws: What ``MemcachedProcess/start(_:)`` throws, and what the closure throws.
/// - Returns: What the closure returns.
public func withMemcached<Value>(
    _ options: MemcachedProcess.Options = MemcachedProcess.Options(),
    _ body: (MemcachedProcess) async throws -> Value
) async throws -> Value {
    let server = try await MemcachedProcess.start(options)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}
