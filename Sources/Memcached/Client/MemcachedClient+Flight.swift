import MemcachedWire
package import NIOCore

/// A command of a flight: what the session handler needs, with the condition always spelled out.
package enum MemcachedCommand: Sendable {
    /// GETK: a read whose answer names the key, which is compared.
    case getVerified(MemcachedKey)
    case add(MemcachedKey, ByteBuffer, flags: UInt32, MemcachedExpiration)
    case replace(MemcachedKey, ByteBuffer, flags: UInt32, MemcachedExpiration, ifUnchangedSince: MemcachedCAS?)
    case touch(MemcachedKey, MemcachedExpiration)
    case delete(MemcachedKey, ifUnchangedSince: MemcachedCAS?)
    /// A command that goes elsewhere than its key says.
    indirect case routed(MemcachedRoute, MemcachedCommand)

    package var key: MemcachedKey {
        switch self {
        case .getVerified(let key): key
        case .add(let key, _, _, _): key
        case .replace(let key, _, _, _, _): key
        case .touch(let key, _): key
        case .delete(let key, _): key
        case .routed(_, let command): command.key
        }
    }
}

/// Where a command goes that does not go where its key says.
package enum MemcachedRoute: Sendable, Hashable {
    /// To the server that holds this key.
    case with(MemcachedKey)
    /// To the server with this index in the configuration.
    case server(Int)
}

/// What a command was answered.
package enum MemcachedReply: Sendable, Hashable {
    /// Of ``MemcachedCommand/getVerified(_:)``: the item; nil for a miss that the key's own server reported.
    case item(MemcachedItem?)
    /// Of add and replace.
    case store(MemcachedStoreResult)
    /// Of touch: whether the item is there.
    case touched(Bool)
    case delete(MemcachedDeleteResult)
}

extension MemcachedClient {
    /// Hears of answers that came after their caller had gone, on an event loop: the command's position and its answer.
    package typealias LateReply = @Sendable (Int, Result<MemcachedReply, MemcachedError>) -> Void

    /// The index, in the configuration, of the server that holds a key.
    package func serverIndex(of key: MemcachedKey) -> Int { core.topology.index(of: core.placed(key, routedBy: nil)) }

    /// The server with an index in the configuration; nil when there are not so many.
    package func server(at index: Int) -> MemcachedServer? {
        let members = core.topology.members
        return members.indices.contains(index) ? members[index].server : nil
    }

    /// Counts the lists of servers: another number after each change of the list.
    package var serversGeneration: Int { core.topology.generation }

    /// The servers, and the number of their list.
    package var numberedServers: (generation: Int, servers: [MemcachedServer]) {
        let topology = core.topology
        return (topology.generation, topology.members.map(\.server))
    }

    /// Carries out one command.
    ///
    /// - Parameters:
    ///   - command: What to do.
    ///   - timeout: How long all of it may take; nil for the configured time.
    ///   - late: Told when the command was answered after all; by then this call has thrown.
    /// - Returns: What the server answered.
    /// - Throws: ``MemcachedError``.
    package func perform(
        _ command: MemcachedCommand,
        timeout: Duration? = nil,
        late: LateReply? = nil
    ) async throws(MemcachedError) -> MemcachedReply {
        let request = try core.request(for: command)
        let (response, pool) = try await core.response(
            to: request,
            at: core.destination(of: command),
            deadline: core.deadline(timeout),
            late: { [core] in core.lateHandler(late, [command], $0) },
            distrust: { [core] in core.distrust(command, $0, $1) }
        )
        return try core.reply(to: command, response, pool)
    }

    /// Carries out several commands in order, in one flight on one connection.
    ///
    /// A flight that is cut short says of each command what is known: its answer, or an error with its outcome.
    ///
    /// - Parameters:
    ///   - commands: What to do; their keys have to live on one server.
    ///   - timeout: How long all of it may take; nil for the configured time.
    ///   - late: Told of each command that was answered after all; by then this call has returned.
    /// - Returns: An answer for each command; nil, with nothing sent, when their keys live on different servers.
    /// - Throws: ``MemcachedError`` when a key or value is refused before anything is sent.
    package func flight(
        _ commands: [MemcachedCommand],
        timeout: Duration? = nil,
        late: LateReply? = nil
    ) async throws(MemcachedError) -> [Result<MemcachedReply, MemcachedError>]? {
        guard !commands.isEmpty else { return [] }
        var requests: [Request] = []
        requests.reserveCapacity(commands.count)
        for command in commands { requests.append(try core.request(for: command)) }
        let answer = try await core.responses(
            to: requests,
            // Asked for as many as there are.
            at: { [core] in core.destination(of: commands[$0]) },
            timeout: timeout,
            late: { [core] in core.lateHandler(late, commands, $0) }
        )
        guard let (group, pool) = answer else { return nil }
        var replies: [Result<MemcachedReply, MemcachedError>] = []
        replies.reserveCapacity(commands.count)
        for (command, response) in zip(commands, group.responses) {
            if let response {
                if let error = core.distrust(command, response, pool) { group.connection?.poison(error) }
                replies.append(core.result(of: command, response, pool))
            } else {
                let error = group.error ?? MemcachedError(.connectionLost, "the answer is missing", outcome: .unknown)
                replies.append(.failure(error))
            }
        }
        return replies
    }
}

extension ClientCore {
    /// What decides about the server that a command goes to.
    fileprivate func destination(of command: MemcachedCommand) -> Destination {
        switch command {
        case .routed(.with(let key), _): .key(stored(key))
        case .routed(.server(let index), let command): .server(index, otherwise: stored(command.key))
        default: .key(stored(command.key))
        }
    }

    fileprivate func request(for command: MemcachedCommand) throws(MemcachedError) -> Request {
        switch command {
        case .getVerified(let key):
            return try request(.getKey, key)
        case .add(let key, let value, let flags, let expiration):
            return try request(
                .add,
                key,
                extras: .store(flags: flags, expiration: expiration.wireValue()),
                value: value
            )
        case .replace(let key, let value, let flags, let expiration, let cas):
            return try request(
                .replace,
                key,
                extras: .store(flags: flags, expiration: expiration.wireValue()),
                cas: cas,
                value: value
            )
        case .touch(let key, let expiration):
            return try request(.touch, key, extras: .expiration(expiration.wireValue()))
        case .delete(let key, let cas):
            return try request(.delete, key, cas: cas)
        case .routed(_, let command):
            return try request(for: command)
        }
    }

    fileprivate func reply(
        to command: MemcachedCommand,
        _ response: Response,
        _ pool: ServerPool
    ) throws(MemcachedError) -> MemcachedReply {
        switch command {
        case .getVerified:
            if let error = distrust(command, response, pool) { throw error }
            return .item(try item(response, .getKey, pool))
        case .add: return .store(try storeResult(response, .add, pool))
        case .replace(_, _, _, _, let cas):
            return .store(try storeResult(response, .replace, pool, isConditional: cas != nil))
        case .touch: return .touched(try wasFound(response, .touch, pool))
        case .delete: return .delete(try deleteResult(response, .delete, pool))
        case .routed(_, let command): return try reply(to: command, response, pool)
        }
    }

    fileprivate func result(
        of command: MemcachedCommand,
        _ response: Response,
        _ pool: ServerPool
    ) -> Result<MemcachedReply, MemcachedError> {
        do throws(MemcachedError) {
            return .success(try reply(to: command, response, pool))
        } catch {
            return .failure(error)
        }
    }

    fileprivate func lateHandler(
        _ late: MemcachedClient.LateReply?,
        _ commands: [MemcachedCommand],
        _ pool: ServerPool
    ) -> Connection.LateHandler? {
        guard let late else { return nil }
        return { [weak self] index, response in
            guard let self, commands.indices.contains(index) else { return nil }
            late(index, result(of: commands[index], response, pool))
            return distrust(commands[index], response, pool)
        }
    }

    /// Compares the key that the server echoed, byte for byte.
    ///
    /// A miss without a key is taken as it is.
    ///
    /// - Returns: Why the response, and the connection that it came on, cannot be trusted; nil when they can.
    fileprivate func distrust(
        _ command: MemcachedCommand,
        _ response: Response,
        _ pool: ServerPool
    ) -> MemcachedError? {
        let key: MemcachedKey
        switch command {
        case .getVerified(let given): key = stored(given)
        case .routed(_, let command): return distrust(command, response, pool)
        default: return nil
        }
        guard response.status == .success || (response.status == .notFound && response.hasKey) else { return nil }
        guard !response.hasKey(key, behind: configuration.namespace) else { return nil }
        return MemcachedError(
            .protocolViolation,
            "the server answered for another key; the connection was closed and nothing of it used",
            operation: Opcode.getKey.description,
            server: pool.server.label,
            outcome: .unknown
        )
    }
}
