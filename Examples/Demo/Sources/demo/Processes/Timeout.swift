/// Runs a body that is cancelled, and whose result is an error, when it takes longer than that.
///
/// - Parameters:
///   - limit: How long it may take.
///   - text: The error's text.
///   - body: What to do; it has to end when it is cancelled.
/// - Returns: What the body returned.
/// - Throws: ``DemoError`` when the time is up, `CancellationError`, and what the body throws.
func withTimeout<Value: Sendable>(
    _ limit: Duration,
    _ text: String,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            return nil
        }
        defer { group.cancelAll() }
        guard case .some(.some(let value)) = try await group.next() else {
            try Task.checkCancellation()
            throw DemoError(text)
        }
        return value
    }
}
