import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Makes the connections to all servers, TLS and authentication included, before the first operation needs them.
    ///
    /// Not needed: operations make them as well. Every server is asked for its version, so what is not a memcached is
    /// found out here.
    ///
    /// - Parameter timeout: How long all of it may take; nil for ``MemcachedConfiguration/Timeouts/connect`` and
    ///   ``MemcachedConfiguration/Timeouts/operation`` together.
    /// - Returns: The servers that are not ready, and why; empty when all are.
    @discardableResult
    public func warmUp(timeout: Duration? = nil) async -> [MemcachedServer: MemcachedError] {
        let timeouts = configuration.timeouts
        let deadline = core.deadline(timeout ?? timeouts.connect + timeouts.operation)
        return await withTaskGroup(of: (MemcachedServer, MemcachedError?).self) { [core] tasks in
            for pool in core.pools {
                tasks.addTask {
                    do throws(MemcachedError) {
                        let request = Request(opcode: .version)
                        let response = try await core.response(to: request, from: pool, deadline: deadline)
                        try core.requireSuccess(response, .version, pool)
                        try await pool.warmUp(deadline: deadline)
                        return (pool.server, nil)
                    } catch {
                        return (pool.server, error.with(server: pool.server.label))
                    }
                }
            }
            return await tasks.reduce(into: [:]) { errors, result in errors[result.0] = result.1 }
        }
    }
}
