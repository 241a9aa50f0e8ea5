import MemcachedWire
import NIOCore

/// A batch of quiet requests that fits into one window, and goes to one server that is up.
///
/// What is usual takes few steps for each of its keys: nothing is kept of a request but its place, and nothing is made of
/// a response before its caller wants it. What is not usual goes the way of
/// ``ClientCore/batch(_:_:deadline:arrival:after:interpret:)``, with what became of it so far.
extension ClientCore {
    /// How a window went.
    enum WindowEnd {
        /// Every response is a success, and what was not answered succeeded in silence, or is a miss.
        case settled([ResponseRun])
        /// There is more to it; with what became of it, if it was sent.
        case open(FirstAttempt<GroupResponses>?)
    }

    /// Sends a window at once, if everything is as it should be.
    ///
    /// - Parameters:
    ///   - opcode: What is done with each key.
    ///   - count: How many requests there are.
    ///   - deadline: For all of it.
    ///   - home: The index of their server in a topology; nil where there is more to it.
    ///   - encode: Encodes them, and a NOOP behind them, with opaques that count up from the one it is given; nil where
    ///     they are no window.
    /// - Returns: How it went.
    @inline(__always)
    func window(
        of opcode: Opcode,
        count: Int,
        deadline: NIODeadline,
        home: (Topology) -> Int?,
        encode: (UInt32) -> Outbox?
    ) async -> WindowEnd {
        guard
            1...BatchPlan.windowRequests ~= count,
            opcode.isRead || configuration.limits.item != .asServerSays,
            let departure = departure(isRead: opcode.isRead, deadline: deadline, now: .now(), home)
        else { return .open(nil) }
        var isWindow = true
        let outcome = await departure.connection.send(
            expecting: .quiet(.same(opcode, count: count)),
            positions: count,
            deadline: deadline,
            keepsRuns: true,
            encode: { firstOpaque in
                let requests = encode(firstOpaque)
                isWindow = requests != nil
                return requests
            }
        )
        guard isWindow else { return .open(nil) }
        switch outcome {
        case .full:
            return .open(FirstAttempt(departure: departure, outcome: .full))
        case .finished(let group) where group.error == nil && group.runs.allSatisfy(\.isSuccess):
            departure.pool.health.ended(
                .answered(isAboutKey: opcode.isAboutKey),
                began: departure.began,
                isProbe: false
            )
            return .settled(group.runs)
        case .finished(let group):
            return .open(FirstAttempt(departure: departure, outcome: .finished(group.spread(over: count))))
        }
    }
}

extension ResponseRun {
    /// Whether the server has said no to nothing.
    fileprivate var isSuccess: Bool { frames.allSatisfy { $0.header.status == .success } }
}
