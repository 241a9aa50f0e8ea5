#if THREAD_SANITIZER
import Memcached

/// See `InstrumentedMutex`.
typealias Mutex = InstrumentedMutex

/// See `FencedContinuation`.
typealias UnsafeContinuation = FencedContinuation

func withUnsafeContinuation<Value: Sendable>(_ body: (UnsafeContinuation<Value, Never>) -> Void) async -> Value {
    await withFencedContinuation(body)
}
#endif
