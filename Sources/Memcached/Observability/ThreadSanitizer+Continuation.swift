#if THREAD_SANITIZER
import NIOConcurrencyHelpers

/// Stands in for `UnsafeContinuation` in builds with the thread sanitizer, and in no others.
///
/// A task that was resumed before it came to suspend goes straight on, and the sanitizer does not see that what resumed
/// it came first: the runtime tells it of that only where the task really slept. It then takes the reading of every value
/// handed over for a race with its making. A lock of each continuation's own, let go of by who resumes and then taken by
/// who goes on, says what is true and nothing more. See `InstrumentedMutex` for how this takes the original's place.
package struct FencedContinuation<Value: Sendable, Failure: Error>: Sendable {
    fileprivate let original: Swift.UnsafeContinuation<Value, Failure>
    fileprivate let fence: NIOLock

    package func resume(returning value: Value) {
        fence.withLock {}
        original.resume(returning: value)
    }

    package func resume() where Value == Void { resume(returning: ()) }
}

package func withFencedContinuation<Value: Sendable>(
    _ body: (FencedContinuation<Value, Never>) -> Void
) async -> Value {
    let fence = NIOLock()
    let value = await Swift.withUnsafeContinuation { body(FencedContinuation(original: $0, fence: fence)) }
    fence.withLock {}
    return value
}

typealias UnsafeContinuation = FencedContinuation

func withUnsafeContinuation<Value: Sendable>(_ body: (UnsafeContinuation<Value, Never>) -> Void) async -> Value {
    await withFencedContinuation(body)
}
#endif
