import Memcached

/// The error that a step ends with; nil when it succeeds.
func failure<Value>(of step: () throws(MemcachedError) -> Value) -> MemcachedError? {
    do throws(MemcachedError) {
        _ = try step()
        return nil
    } catch {
        return error
    }
}
