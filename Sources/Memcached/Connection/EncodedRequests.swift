import MemcachedWire

/// Requests in one flight that were encoded before they are handed to a connection, outside of its lock.
struct EncodedRequests: Sendable {
    /// What is to come back.
    let expectation: Expectation
    /// Opaques count up from here; they were reserved at the connection that these are for.
    let firstOpaque: UInt32
    /// The requests, and the NOOP that closes a quiet batch.
    let outbox: Outbox
}
