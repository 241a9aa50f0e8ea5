#if THREAD_SANITIZER
import Memcached

/// See `InstrumentedMutex`.
typealias Mutex = InstrumentedMutex
#endif
