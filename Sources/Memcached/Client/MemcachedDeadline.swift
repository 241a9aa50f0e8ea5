import NIOCore

/// The deadline that a task and its children have set around their operations.
enum MemcachedDeadline {
    @TaskLocal static var current: NIODeadline?
}

/// Bounds everything that `body` asks of memcached, whatever the single timeouts say.
///
/// Each operation ends at its own timeout or at this deadline, whichever comes first. Nested deadlines: the nearer one.
///
/// ```swift
/// let page = try await withMemcachedDeadline(in: .milliseconds(200)) {
///     let user = try await cache.get("user:42")
///     return try await cache.get("page:\(user)")
/// }
/// ```
///
/// - Parameters:
///   - duration: How long from now.
///   - body: What to do. It is not cancelled when the deadline passes; its operations on memcached fail.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
nonisolated(nonsending) public func withMemcachedDeadline<Value>(
    in duration: Duration,
    _ body: () async throws -> Value
) async rethrows -> Value {
    let wanted = ClientCore.instant(after: duration)
    let nearer = min(wanted, MemcachedDeadline.current ?? wanted)
    return try await MemcachedDeadline.$current.withValue(nearer, operation: body)
}
