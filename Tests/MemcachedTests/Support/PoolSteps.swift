import NIOCore
import Synchronization

@testable import Memcached

/// A connection that is what a test says.
final class FakeConnection: PooledConnection {
    private let state: Mutex<(load: Int, isSuspect: Bool)>

    init(load: Int = 0, isSuspect: Bool = false) { state = Mutex((load, isSuspect)) }

    var load: Int {
        get { state.withLock { $0.load } }
        set { state.withLock { $0.load = newValue } }
    }
    var isSuspect: Bool {
        get { state.withLock { $0.isSuspect } }
        set { state.withLock { $0.isSuspect = newValue } }
    }
}

typealias TestPool = PoolStateMachine<FakeConnection, Int>

extension PoolStateMachine where Connection == FakeConnection, Waiter == Int {
    init(waiters: Int = 100, connections: Int = 1) {
        self.init(maximumWaiters: waiters, maximumConnections: connections, busyMark: 10)
    }

    var readyConnection: FakeConnection? { ready.connection }

    mutating func acquire(
        _ waiter: Int,
        full: FakeConnection? = nil,
        wantsAnother: Bool = false,
        at now: Int = 0,
        deadline: Int = 1_000
    ) -> Acquire {
        acquire(
            full: full,
            wantsAnother: wantsAnother,
            now: .at(milliseconds: now),
            deadline: .at(milliseconds: deadline),
            waiter: waiter
        )
    }

    /// A pool in which a connection stands.
    mutating func connect(_ connection: FakeConnection) {
        _ = acquire(-1, wantsAnother: true)
        _ = connected(connection)
    }

    /// Retires one connection; nil: goes on with those that wait for their successors.
    mutating func retire(_ connection: FakeConnection?, at now: Int = 0) -> Bool {
        retire(where: { $0 === connection }, now: .at(milliseconds: now))
    }

    mutating func retireAll() -> Bool {
        retire(where: { _ in true }, now: .at(milliseconds: 0))
    }

    mutating func fail(at now: Int = 0) -> [Int] {
        connectFailed(MemcachedError(.connectionFailed, "refused"), now: .at(milliseconds: now)).failed
    }
}

extension PoolStateMachine.Acquire where Connection == FakeConnection {
    var connection: FakeConnection? {
        if case .use(let connection) = self { connection } else { nil }
    }

    /// The number under which the operation waits.
    var id: UInt64? {
        if case .wait(let id, _) = self { id } else { nil }
    }

    /// Whether an attempt to connect has to be started; nil when the operation does not wait.
    var connect: Bool? {
        if case .wait(_, let connect) = self { connect } else { nil }
    }

    var error: MemcachedError? {
        if case .fail(let error) = self { error } else { nil }
    }
}

extension PoolStateMachine.Release where Waiter == Int {
    var resumed: [Int] {
        if case .resume(let waiters, _) = self { waiters } else { [] }
    }

    var failed: [Int] {
        if case .fail(let waiters, _) = self { waiters } else { [] }
    }

    var error: MemcachedError? {
        if case .fail(_, let error) = self { error } else { nil }
    }

    var isNone: Bool {
        if case .none = self { true } else { false }
    }
}
