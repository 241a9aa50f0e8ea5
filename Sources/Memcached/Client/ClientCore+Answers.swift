import MemcachedWire
import NIOCore

/// What the statuses of an operation's response mean to its caller.
extension ClientCore {
    /// A read: the item, or nil for a miss.
    func item(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) throws(MemcachedError) -> MemcachedItem? {
        switch response.status {
        case .success: return MemcachedItem(value: response.value, flags: response.flags, cas: response.casToken)
        case .notFound: return nil
        default: throw fault(response, opcode, pool)
        }
    }

    /// A store.
    func storeResult(
        _ response: Response,
        _ opcode: Opcode,
        _ pool: ServerPool
    ) throws(MemcachedError) -> MemcachedStoreResult {
        switch response.status {
        case .success: return .stored(response.casToken)
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

    /// The error of a status that is no answer.
    func fault(_ response: Response, _ opcode: Opcode, _ pool: ServerPool) -> MemcachedError {
        ServerFault.error(response.status, opcode: opcode, isAuthenticated: configuration.credentials != nil)
            .with(server: pool.server.label)
    }
}
