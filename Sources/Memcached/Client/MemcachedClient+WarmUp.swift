import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Makes the connections to all servers, TLS and authentication included, before the first operation needs them.
    ///
    /// Not needed: operations make them as well. Every server is sent a NOOP, so what is not a memcached, or wants
    /// a name and a password, is found out here.
    ///
    /// - Parameter timeout: How long all of it may take; nil for ``MemcachedConfiguration/Timeouts/connect``, as often as
    ///   there are connections to a server, and ``MemcachedConfiguration/Timeouts/operation`` together.
    /// - Returns: The servers that are not ready, and why; empty when all are.
    @discardableResult
    public func warmUp(timeout: Duration? = nil) async -> [MemcachedServer: MemcachedError] {
        let timeouts = configuration.timeouts
        // A configured time may be as long as a Duration can be, and a product of it is more: it traps.
        let connect = min(timeouts.connect, .seconds(UInt32.max)) * configuration.pool.connections
        let deadline = core.deadline(timeout ?? connect + min(timeouts.operation, .seconds(UInt32.max)))
        let topology: Topology
        do throws(MemcachedError) {
            topology = try await core.topology(by: deadline)
        } catch {
            // The lookup that the servers come from has not succeeded yet.
            return Dictionary(configuration.servers.map { ($0, error) }) { first, _ in first }
        }
        return await withTaskGroup(of: (MemcachedServer, MemcachedError?).self) { [core] tasks in
            for member in topology.members {
                tasks.addTask {
                    let pool = member.pool
                    do throws(MemcachedError) {
                        let request = Request(opcode: .noop)
                        let response = try await core.response(to: request, from: pool, deadline: deadline)
                        try core.requireSuccess(response, .noop, pool)
                        try await pool.warmUp(deadline: deadline)
                        return (member.server, nil)
                    } catch {
                        return (member.server, error.with(server: pool.server.label))
                    }
                }
            }
            return await tasks.reduce(into: [:]) { errors, result in errors[result.0] = result.1 }
        }
    }
}
