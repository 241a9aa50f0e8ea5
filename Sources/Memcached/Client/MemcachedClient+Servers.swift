import MemcachedWire
import NIOCore

extension MemcachedClient {
    /// Asks every server for its version, "1.6.18".
    ///
    /// A server that is down makes all of it fail; ask it in a client of its own to tell them apart.
    ///
    /// - Parameter timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The text of each server.
    /// - Throws: ``MemcachedError``.
    public func version(timeout: Duration? = nil) async throws(MemcachedError) -> [MemcachedServer: String] {
        try await everywhere(Request(opcode: .version), timeout).mapValues { String(buffer: $0.value) }
    }

    /// Has every server answer, which says that it lives; behind a hosted proxy, that the proxy does.
    ///
    /// - Parameter timeout: How long all of it may take; nil for the configured time.
    /// - Throws: ``MemcachedError``.
    public func noop(timeout: Duration? = nil) async throws(MemcachedError) {
        _ = try await everywhere(Request(opcode: .noop), timeout)
    }

    /// Removes everything from every server.
    ///
    /// - Parameters:
    ///   - delay: When; the servers then drop what was stored before that moment, also after this call. Whole seconds,
    ///     rounded up. Nil: at once.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/notPermitted`` from a server that does not allow it.
    public func flush(after delay: Duration? = nil, timeout: Duration? = nil) async throws(MemcachedError) {
        let extras: RequestExtras
        if let delay {
            // Looked at before its components, which trap on durations beyond 2^63 seconds.
            guard delay >= .zero, delay <= .seconds(UInt32.max) else {
                throw MemcachedError(
                    .invalidArgument,
                    "a delay is from 0 to 4,294,967,295 seconds",
                    operation: Opcode.flush.description
                )
            }
            let seconds = delay.components.seconds + (delay.components.attoseconds > 0 ? 1 : 0)
            extras = .delay(UInt32(truncatingIfNeeded: seconds))
        } else {
            extras = .none
        }
        _ = try await everywhere(Request(opcode: .flush, extras: extras), timeout)
    }

    /// Asks every server for a group of statistics.
    ///
    /// - Parameters:
    ///   - group: Which statistics.
    ///   - timeout: How long all of it may take; nil for the configured time.
    /// - Returns: The names and values of each server.
    /// - Throws: ``MemcachedError``; ``MemcachedError/Code/invalidArgument`` when a server does not know the group.
    public func stats(
        _ group: MemcachedStatistics.Group = .general,
        timeout: Duration? = nil
    ) async throws(MemcachedError) -> [MemcachedServer: MemcachedStatistics] {
        let request = Request(opcode: .stat, key: group.name)
        guard request.keyLength <= RequestHead.maximumKeyLength else {
            throw MemcachedError(.invalidArgument, "no group of statistics has such a long name", operation: "STAT")
        }
        return try await everywhere(timeout) { core, pool, deadline throws(MemcachedError) in
            let flight = Flight([request], expecting: .statistics, deadline: deadline)
            let packets = await core.responses(of: flight, from: pool, deadline: deadline)
            if let error = packets.error { throw error }
            for packet in packets.responses.compactMap(\.self) {
                if packet.status == .notFound {
                    throw MemcachedError(
                        .invalidArgument,
                        "the server does not know this group of statistics",
                        operation: "STAT",
                        server: pool.server.label,
                        status: packet.status.rawValue,
                        outcome: .rejected
                    )
                }
                try core.requireSuccess(packet, .stat, pool)
            }
            return MemcachedStatistics(packets.responses)
        }
    }

    /// Sends one request to every server at the same time.
    private func everywhere(
        _ request: Request,
        _ timeout: Duration?
    ) async throws(MemcachedError) -> [MemcachedServer: Response] {
        try await everywhere(timeout) { core, pool, deadline throws(MemcachedError) in
            let response = try await core.response(to: request, from: pool, deadline: deadline)
            try core.requireSuccess(response, request.opcode, pool)
            return response
        }
    }

    /// Does something with every server at the same time.
    private func everywhere<Answer: Sendable>(
        _ timeout: Duration?,
        _ ask: @escaping @Sendable (ClientCore, ServerPool, NIODeadline) async throws(MemcachedError) -> Answer
    ) async throws(MemcachedError) -> [MemcachedServer: Answer] {
        let deadline = core.deadline(timeout)
        let members = try await core.topology(by: deadline).members
        return try await withTaskGroup(
            of: (MemcachedServer, Result<Answer, MemcachedError>).self
        ) { [core] tasks in
            for member in members {
                tasks.addTask {
                    do throws(MemcachedError) {
                        return (member.server, .success(try await ask(core, member.pool, deadline)))
                    } catch {
                        return (member.server, .failure(error))
                    }
                }
            }
            var answers: [MemcachedServer: Answer] = [:]
            var failure: MemcachedError?
            for await (server, result) in tasks {
                switch result {
                case .success(let response): answers[server] = response
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { return Result<[MemcachedServer: Answer], MemcachedError>.failure(failure) }
            return .success(answers)
        }
        .get()
    }
}
