import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Adds to a counter that is there.
    ///
    /// It wraps at 2^64.
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
        try await required(count(.increment, key, delta, (initial, expiration.wireValue()), group, timeout))
    }

    /// Subtracts from a counter that is there.
    ///
    /// It stops at 0.
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
        try await required(count(.decrement, key, delta, (initial, expiration.wireValue()), group, timeout))
    }

    /// Adds to a counter only if it has the CAS given.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delta: How much to add.
    ///   - cas: The CAS of the counter that was read or counted.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The new number, or why it was not counted.
    /// - Throws: ``MemcachedError``, as without a CAS; ``MemcachedError/Code/casUnavailable`` on a server without CAS.
    public func increment(
        _ key: MemcachedKey,
        by delta: UInt64 = 1,
        ifUnchangedSince cas: MemcachedCAS,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedCounterResult {
        try await count(.increment, key, delta, cas, group, timeout)
    }

    /// Subtracts from a counter only if it has the CAS given.
    ///
    /// It stops at 0.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - delta: How much to subtract.
    ///   - cas: The CAS of the counter that was read or counted.
    ///   - group: The key that decides about the server; nil for `key` itself.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The new number, or why it was not counted.
    /// - Throws: ``MemcachedError``, as without a CAS; ``MemcachedError/Code/casUnavailable`` on a server without CAS.
    public func decrement(
        _ key: MemcachedKey,
        by delta: UInt64 = 1,
        ifUnchangedSince cas: MemcachedCAS,
        routedBy group: MemcachedKey? = nil,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> MemcachedCounterResult {
        try await count(.decrement, key, delta, cas, group, timeout)
    }

    private func count(
        _ opcode: Opcode,
        _ key: MemcachedKey,
        _ delta: UInt64,
        _ beginning: (initial: UInt64, expiration: UInt32)?,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> UInt64? {
        let extras = RequestExtras.counter(
            delta: delta,
            initial: beginning?.initial ?? 0,
            expiration: beginning?.expiration ?? CounterExpiration.failIfAbsent
        )
        let request = try core.request(opcode, key, extras: extras)
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        return try core.count(response, opcode, pool)
    }

    private func count(
        _ opcode: Opcode,
        _ key: MemcachedKey,
        _ delta: UInt64,
        _ cas: MemcachedCAS,
        _ group: MemcachedKey?,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> MemcachedCounterResult {
        // Without "fail if absent" a server would begin a counter as if no CAS had been given.
        let extras = RequestExtras.counter(delta: delta, initial: 0, expiration: CounterExpiration.failIfAbsent)
        let request = try core.request(opcode, key, extras: extras, cas: cas)
        let deadline = core.deadline(timeout)
        let (response, pool) = try await core.response(
            to: request,
            for: key,
            routedBy: group,
            timeout: timeout
        )
        try await core.requireCAS(behindRefusal: response, opcode, pool, deadline)
        if response.status == .exists { return .exists }
        guard let number = try core.count(response, opcode, pool) else { return .notFound }
        try core.requireCAS(response, opcode, pool)
        return .counted(number, response.casToken)
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

/// The expiration that makes INCREMENT and DECREMENT fail where there is no counter.
enum CounterExpiration {
    static let failIfAbsent = UInt32.max
}
