import Memcached

/// The error that an operation ends with; nil when it succeeds.
func failure<Value>(of operation: () throws(MemcachedError) -> Value) -> MemcachedError? {
    do throws(MemcachedError) {
        _ = try operation()
        return nil
    } catch {
        return error
    }
}

extension MemcachedTranscoder {
    /// The errors of reading a payload as each of the usual types; fewer than six when some can be read.
    func refusals(of payload: MemcachedPayload) -> [MemcachedError] {
        [
            failure { () throws(MemcachedError) in try value([UInt8].self, of: payload) },
            failure { () throws(MemcachedError) in try value(String.self, of: payload) },
            failure { () throws(MemcachedError) in try value(Int.self, of: payload) },
            failure { () throws(MemcachedError) in try value(Double.self, of: payload) },
            failure { () throws(MemcachedError) in try value(Bool.self, of: payload) },
            failure { () throws(MemcachedError) in try value(JSONValue?.self, of: payload) },
        ]
        .compactMap(\.self)
    }
}
