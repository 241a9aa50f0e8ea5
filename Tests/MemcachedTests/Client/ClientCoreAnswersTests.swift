import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// What the statuses of a response mean to the caller of an operation.
@Suite struct ClientCoreAnswersTests {
    let core: ClientCore
    let pool: ServerPool

    init() throws {
        core = try ClientCore(configuration: MemcachedConfiguration(servers: "h:1"))
        pool = core.topology.member(of: "k").pool
    }

    static let faults: [Status] = [
        .tooLarge, .invalidArguments, .nonNumeric, .authenticationFailure, .unknownCommand, .outOfMemory, .busy,
        .temporaryFailure, .internalError, Status(rawValue: 0x7777),
    ]

    @Test func `a read finds an item or misses`() throws {
        let hit = Response(status: .success, cas: 5, flags: 7, value: ByteBuffer(string: "v"))
        let item = MemcachedItem(value: ByteBuffer(string: "v"), flags: 7, cas: MemcachedCAS(rawValue: 5))
        #expect(try core.item(hit, .get, pool) == item)
        #expect(try core.item(Response(status: .notFound, value: ByteBuffer(string: "Not found")), .get, pool) == nil)
    }

    @Test func `a store is done or says why not`() throws {
        #expect(
            try core.storeResult(Response(status: .success, cas: 3), .set, pool)
                == .stored(MemcachedCAS(rawValue: 3))
        )
        #expect(try core.storeResult(Response(status: .exists), .add, pool) == .exists)
        #expect(try core.storeResult(Response(status: .notFound), .replace, pool) == .notFound)
        #expect(try core.storeResult(Response(status: .notStored), .append, pool) == .notStored)
    }

    @Test func `a delete is done or says why not`() throws {
        #expect(try core.deleteResult(Response(status: .success), .delete, pool) == .deleted)
        #expect(try core.deleteResult(Response(status: .exists), .delete, pool) == .exists)
        #expect(try core.deleteResult(Response(status: .notFound), .delete, pool) == .notFound)
    }

    /// A server without CAS carries a conditional operation out without looking at the condition.
    @Test func `a conditional store without a CAS in its answer cannot be trusted`() throws {
        #expect(try core.storeResult(Response(status: .success), .set, pool) == .stored(nil))
        let error = #expect(throws: MemcachedError.self) {
            try core.storeResult(Response(status: .success), .set, pool, isConditional: true)
        }
        #expect(error?.code == .casUnavailable)
        #expect(error?.outcome == .unknown)
    }

    @Test func `a counter has eight bytes`() throws {
        let number = ByteBuffer(integer: UInt64.max)
        #expect(try core.count(Response(status: .success, value: number), .increment, pool) == .max)
        #expect(try core.count(Response(status: .notFound), .increment, pool) == nil)
        for length in [0, 1, 7] {
            let short = Response(status: .success, value: ByteBuffer(repeating: 0, count: length))
            let error = #expect(throws: MemcachedError.self) { try core.count(short, .increment, pool) }
            #expect(error?.code == .protocolViolation)
        }
    }

    @Test(arguments: faults)
    func `any other status is an error of its server`(status: Status) {
        let response = Response(status: status, value: ByteBuffer(string: "hunter2"))
        let attempts: [() throws -> Void] = [
            { _ = try core.item(response, .get, pool) },
            { _ = try core.storeResult(response, .set, pool) },
            { _ = try core.deleteResult(response, .delete, pool) },
            { _ = try core.wasFound(response, .touch, pool) },
            { _ = try core.count(response, .increment, pool) },
            { try core.requireSuccess(response, .noop, pool) },
        ]
        for attempt in attempts {
            let error = #expect(throws: MemcachedError.self) { try attempt() }
            #expect(error?.status == status.rawValue)
            #expect(error?.server == "h:1")
            #expect(error?.outcome == .rejected)
            // The body of a response may be anything, a value included.
            #expect(error?.description.contains("hunter2") == false)
        }
    }
}
