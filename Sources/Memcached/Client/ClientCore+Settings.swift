import MemcachedWire
import NIOCore

/// What servers tell of how they were started, asked for when it is needed.
extension ClientCore {
    /// The size of a server's largest item, asked for once; nil when the server does not tell.
    func itemLimit(of pool: ServerPool, deadline: NIODeadline) async -> Int? {
        await pool.settings(deadline: deadline, ask: settings)?.itemLimit
    }

    /// An "exists" to a conditional delete or counter, which has to be the server's judgement of the CAS.
    ///
    /// A server that keeps no CAS (`-C`) answers this to each of them, whatever the CAS (measured with 1.6.18). So the
    /// first time it is asked for its settings. That it keeps one is remembered, that it keeps none is not: it may be
    /// started again with CAS. Where it does not tell, the answer stands.
    ///
    /// - Parameters:
    ///   - response: What the server answered.
    ///   - opcode: To what.
    ///   - pool: Which server.
    ///   - deadline: That of the operation.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/casUnavailable`` when the server keeps no CAS.
    func requireCAS(
        behindRefusal response: Response,
        _ opcode: Opcode,
        _ pool: ServerPool,
        _ deadline: NIODeadline
    ) async throws(MemcachedError) {
        guard response.status == .exists else { return }
        let settings = await pool.settings(deadline: deadline, ask: settings) { $0.keepsCAS != false }
        guard settings?.keepsCAS == false else { return }
        throw MemcachedError(
            .casUnavailable,
            "the server keeps no CAS (-C) and refuses conditional deletes and counters; start it without -C, or do "
                + "without conditions",
            operation: opcode.description,
            server: pool.server.label,
            status: response.status.rawValue,
            outcome: .rejected
        )
    }

    /// Asks a server for its settings.
    ///
    /// - Throws: ``MemcachedError`` when it does not answer, which is not the same as not telling.
    private func settings(of pool: ServerPool, deadline: NIODeadline) async throws(MemcachedError) -> ServerSettings {
        let group = await responses(
            of: Flight([Request(opcode: .stat, key: "settings")], expecting: .statistics, deadline: deadline),
            from: pool,
            deadline: deadline
        )
        if let error = group.error { throw error }
        return ServerSettings(MemcachedStatistics(group.responses))
    }
}

extension MemcachedStatistics {
    /// The names and values in the responses to one STAT.
    init(_ responses: [Response?]) {
        var values: [String: String] = [:]
        for case let response? in responses where response.status == .success && response.key.readableBytes > 0 {
            values[String(buffer: response.key)] = String(buffer: response.value)
        }
        self.init(values: values)
    }
}
