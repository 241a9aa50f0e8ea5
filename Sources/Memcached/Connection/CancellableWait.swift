/// Suspends until the continuation is resumed.
///
/// - Parameters:
///   - onCancel: Called at once when the task is cancelled, or has been.
///   - body: Hands the continuation to who resumes it.
/// - Returns: What it is resumed with.
@inline(__always)
func cancellableWait<Value: Sendable>(
    onCancel: @Sendable () -> Void,
    _ body: (UnsafeContinuation<Value, Never>) -> Void
) async -> Value {
    await withTaskCancellationHandler(operation: { await withUnsafeContinuation(body) }, onCancel: onCancel)
}
