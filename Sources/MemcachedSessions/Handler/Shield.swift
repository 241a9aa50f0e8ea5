import Memcached

/// Runs something to its end even when the calling task is cancelled, free of the caller's task-local deadline.
///
/// - Parameter operation: What to do; each of its waits needs a deadline of its own.
/// - Returns: What `operation` returns.
func shielded<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) async -> Value {
    // Ends with `operation`, and the caller waits for it.
    await Task.detachedHere(operation).value
}

/// The same for something that can fail.
///
/// - Parameter operation: What to do.
/// - Returns: What `operation` returns.
/// - Throws: What `operation` throws.
func shieldedResult<Value: Sendable>(
    _ operation: @escaping @Sendable () async throws(MemcachedSessionError) -> Value
) async throws(MemcachedSessionError) -> Value {
    try await shielded {
        do throws(MemcachedSessionError) {
            return Result<Value, MemcachedSessionError>.success(try await operation())
        } catch {
            return .failure(error)
        }
    }
    .get()
}
