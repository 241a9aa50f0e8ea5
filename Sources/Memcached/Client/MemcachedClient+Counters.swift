import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Adds to a counter that is there. It wraps at 2^64.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delta: How much to add.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The new number; nil when there is no counter.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/nonNumericValue`` when the value is no decimal number. After
    ///   outcome ``MemcachedError/Outcome/unknown`` it may have been counted.
    public func increment(
        _ key: MemcachedKey,
        by delta: UInt64 = 1,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> UInt64? {
        try await count(.increment, key, delta, nil, group, timeout)
    }

    /// Adds to a counter, or stores the initial number when there is none.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delta: How much to add. Not added to the initial number.
    ///   - initial: What to begin with.
    ///   - expiration: When a counter that begins now shall go. One that is there keeps its own.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The new number.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/nonNumericValue`` when the value is no decimal number. After
    ///   outcome ``MemcachedError/Outcome/unknown`` it may have been counted.
    @discardableResult
    public func increment(
        _ key: MemcachedKey,
        by delta: UInt64 = 1,
        initial: UInt64,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> UInt64 {
        let beginning = Beginning(initial: initial, expiration: expiration.wireValue())
        return try await required(count(.increment, key, delta, beginning, group, timeout))
    }

    /// Subtracts from a counter that is there. It stops at 0.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delta: How much to subtract.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The new number; nil when there is no counter.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/nonNumericValue`` when the value is no decimal number. After
    ///   outcome ``MemcachedError/Outcome/unknown`` it may have been counted.
    public func decrement(
        _ key: MemcachedKey,
        by delta: UInt64 = 1,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> UInt64? {
        try await count(.decrement, key, delta, nil, group, timeout)
    }

    /// Subtracts from a counter, or stores the initial number when there is none.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delta: How much to subtract. Not subtracted from the initial number.
    ///   - initial: What to begin with.
    ///   - expiration: When a counter that begins now shall go. One that is there keeps its own.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The new number.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/nonNumericValue`` when the value is no decimal number. After
    ///   outcome ``MemcachedError/Outcome/unknown`` it may have been counted.
    @discardableResult
    public func decrement(
        _ key: MemcachedKey,
        by delta: UInt64 = 1,
        initial: UInt64,
        expiring expiration: MemcachedExpiration = .never,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> UInt64 {
        let beginning = Beginning(initial: initial, expiration: expiration.wireValue())
        return try await required(count(.decrement, key, delta, beginning, group, timeout))
    }

    private struct Beginning {
        var initial: UInt64
        var expiration: UInt32

        /// The expiration that makes a server fail instead of beginning a counter.
        static let none = Beginning(initial: 0, expiration: .max)
    }

    private func count(
        _ opcode: Opcode,
        _ key: MemcachedKey,
        _ delta: UInt64,
        _ beginning: Beginning?,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> UInt64? {
        let beginning = beginning ?? .none
        let request = try core.request(
            opcode,
            key,
            extras: .counter(delta: delta, initial: beginning.initial, expiration: beginning.expiration)
        )
        let pool = core.pool(of: key, routedBy: group)
        let response = try await core.response(to: request, from: pool, deadline: core.deadline(timeout))
        guard try core.wasFound(response, opcode, pool) else { return nil }
        guard let number = response.value.getInteger(at: response.value.readerIndex, as: UInt64.self) else {
            throw MemcachedError(
                .protocolViolation,
                "the server answered a counter without its number",
                operation: opcode.description,
                server: pool.server.label,
                outcome: .unknown
            )
        }
        return number
    }

    private func required(_ number: UInt64?) throws(MemcachedError) -> UInt64 {
        guard let number else {
            throw MemcachedError(
                .serverError,
                "the server found no counter and did not begin one",
                outcome: .rejected
            )
        }
        return number
    }
}
