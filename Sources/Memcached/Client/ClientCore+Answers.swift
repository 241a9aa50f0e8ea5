import MemcachedWire
import NIOCore

/// What the statuses of an operation's response mean to its caller.
extension ClientCore {
    /// A read: the item, or nil for a miss.
    func item(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) -> MemcachedItem? {
        switch response.status {
        case .success: return response.item
        case .notFound: return nil
        default: throw fault(response, opcode, pool)
        }
    }

    /// A read: the response, or nil for a miss.
    func hit(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) -> Response? {
        switch response.status {
        case .success: return response
        case .notFound: return nil
        default: throw fault(response, opcode, pool)
        }
    }

    /// A store; when it is conditional, the server has to have looked at the CAS.
    func storeResult(
        _ response: Response,
        _ opcode: Opcode,
        _ pool: ServerPool,
        isConditional: Bool = false
    ) throws(MemcachedError) -> MemcachedStoreResult {
        switch response.status {
        case .success:
            if isConditional { try requireCAS(response, opcode, pool) }
            return .stored(response.casToken)
        case .exists: return .exists
        case .notFound: return .notFound
        case .notStored: return .notStored
        default: throw fault(response, opcode, pool)
        }
    }

    /// A delete.
    func deleteResult(
        _ response: Response,
        _ opcode: Opcode,
        _ pool: ServerPool
    ) throws(MemcachedError) -> MemcachedDeleteResult {
        switch response.status {
        case .success: return .deleted
        case .exists: return .exists
        case .notFound: return .notFound
        default: throw fault(response, opcode, pool)
        }
    }

    /// An operation that either finds the item or does not.
    func wasFound(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) -> Bool {
        switch response.status {
        case .success: return true
        case .notFound: return false
        default: throw fault(response, opcode, pool)
        }
    }

    /// An operation that has nothing to say but success.
    func requireSuccess(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) {
        guard response.status == .success else { throw fault(response, opcode, pool) }
    }

    /// The number of a counter; nil when there is none.
    func count(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) -> UInt64? {
        guard try wasFound(response, opcode, pool) else { return nil }
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

    /// A success of a conditional operation whose condition the server has looked at.
    ///
    /// A server that keeps no CAS (`-C`) ignores the condition of a store, an append and a prepend and carries it out; its
    /// answers have CAS 0. A conditional delete or counter it refuses always: ``requireCAS(behindRefusal:_:_:_:)``.
    func requireCAS(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) {
        guard response.cas == 0 else { return }
        throw MemcachedError(
            .casUnavailable,
            "the server keeps no CAS (-C) and carried the operation out without looking at the condition; start it "
                + "without -C, or do without conditions",
            operation: opcode.description,
            server: pool.server.label,
            status: response.status.rawValue,
            outcome: .unknown
        )
    }

    /// The error of a status that is no answer.
    func fault(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) -> MemcachedError {
        ServerFault.error(response.status, opcode: opcode, isAuthenticated: configuration.authenticates)
            .with(server: pool.server.label)
    }
}
