import MemcachedWire

// A span may not leave the expression that made it, as `#expect` would have it do: these take arrays.

extension ResponseScanner {
    func scan(_ bytes: [UInt8]) throws(FramingError) -> Scan {
        try scan(bytes.span.bytes)
    }
}

extension ResponseHeader {
    init(parsing bytes: [UInt8]) throws(FramingError) {
        try self.init(parsing: bytes.span.bytes)
    }
}

extension RequestHeader {
    init(parsing bytes: [UInt8]) throws(FramingError) {
        try self.init(parsing: bytes.span.bytes)
    }
}
