#if THREAD_SANITIZER
import NIOConcurrencyHelpers

/// Stands in for `Synchronization.Mutex` in builds with the thread sanitizer, and in no others.
///
/// A contended `Mutex` waits inside the standard library, which is not instrumented: the sanitizer does not see that
/// one holder comes after the other and reports races that are none. It does see a pthread mutex. A declaration of this
/// module shadows the imported one, so that no other file has to know. `Scripts/test --sanitize thread` sets the flag.
///
/// `@unchecked Sendable`: `value` is touched under `lock` only.
package final class InstrumentedMutex<Value>: @unchecked Sendable {
    private let lock = NIOLock()
    private var value: Value

    package init(_ value: consuming sending Value) {
        self.value = value
    }

    package func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}

typealias Mutex = InstrumentedMutex
#endif
