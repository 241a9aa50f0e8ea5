import NIOCore

@testable import Memcached

/// A connection that is nothing but itself.
final class FakeConnection: Sendable {}

typealias TestPool = PoolStateMachine<FakeConnection, Int>

extension PoolStateMachine where Connection == FakeConnection, Waiter == Int {
    init(waiters: Int = 100) {
        self.init(maximumWaiters: waiters)
    }

    mutating func acquire(_ waiter: Int, full: FakeConnection? = nil, deadline: Int = 1_000) -> Acquire {
        acquire(full: full, deadline: .at(milliseconds: deadline), waiter: waiter)
    }

    mutating func fail() -> [Int] {
        connectFailed(MemcachedError(.connectionFailed, "refused")).failed
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
