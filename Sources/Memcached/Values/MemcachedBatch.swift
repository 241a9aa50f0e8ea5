/// How each operation of a batch ended.
///
/// A batch that a broken connection cuts short still says of every key what is known: what was answered before is
/// there, and the rest are errors whose outcome says whether they may have been carried out.
public struct MemcachedBatch<Value: Sendable>: Sendable {
    /// The outcome by key.
    public let outcomes: [MemcachedKey: Result<Value, MemcachedError>]

    package init(outcomes: [MemcachedKey: Result<Value, MemcachedError>]) {
        self.outcomes = outcomes
    }

    /// The outcomes of a plan's requests, in their order; each key is there once.
    init(_ plan: BatchPlan, _ outcomes: ClientCore.Outcomes<Value>) {
        var byKey: [MemcachedKey: Result<Value, MemcachedError>] = [:]
        byKey.reserveCapacity(outcomes.count)
        for (key, outcome) in zip(plan.keys, outcomes) { byKey[key] = outcome }
        self.outcomes = byKey
    }

    /// The errors by key; empty when every operation was answered.
    public var failures: [MemcachedKey: MemcachedError] {
        outcomes.compactMapValues { outcome in
            if case .failure(let error) = outcome { error } else { nil }
        }
    }

    /// The values by key, when every operation was answered.
    ///
    /// - Returns: The value of every key.
    /// - Throws: One of the errors.
    @discardableResult
    public func get() throws(MemcachedError) -> [MemcachedKey: Value] {
        var values: [MemcachedKey: Value] = [:]
        values.reserveCapacity(outcomes.count)
        for (key, outcome) in outcomes { values[key] = try outcome.get() }
        return values
    }

    /// The outcome of one key; nil when it was not part of the batch.
    public subscript(key: MemcachedKey) -> Result<Value, MemcachedError>? {
        outcomes[key]
    }
}
