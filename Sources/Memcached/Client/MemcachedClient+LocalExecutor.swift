extension MemcachedClient {
    /// Runs code on one of the client's event loops, with connections of that loop to every server.
    ///
    /// An operation usually changes threads twice: from the task to the event loop and back. In here it does not, and
    /// code that does one operation after another takes about half the time. Child tasks (`async let`, task groups)
    /// run on the loop too; `Task { }` and `Task.detached { }` do not, and neither does code that belongs to an actor.
    /// Calls may be nested: the inner one stays where it is, also when it is another client's on the same loops.
    ///
    /// ```swift
    /// let total = try await cache.withLocalExecutor {
    ///     var total = 0
    ///     for id in 1...1_000 { total += try await cache.get("count:\(id)", as: Int.self) ?? 0 }
    ///     return total
    /// }
    /// ```
    ///
    /// It helps where operations follow one another and little is done in between. It hurts where much is computed, and
    /// nothing in it may block: the loop serves other connections as well, and `body` has one processor only. See
    /// <doc:Speed>.
    ///
    /// The connections are made on first use, up to ``MemcachedConfiguration/Pool/connectionsPerLoop`` to each server on
    /// each loop. When the loop is shut down under it, `body` goes on outside.
    ///
    /// - Parameter body: What to run.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    public func withLocalExecutor<Value: Sendable, Failure: Error>(
        _ body: @concurrent @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let executor = LoopExecutor.of(core.loops.eventLoop)
        return try await withTaskExecutorPreference(executor) { () async throws(Failure) -> Value in
            try await body()
        }
    }
}
