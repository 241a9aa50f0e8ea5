import NIOCore
import NIOPosix
import Synchronization

/// The connections to one server for one kind of caller, and those who wait for them.
///
/// There is one lane for callers from anywhere, and one for each event loop, whose connections live on that loop: who
/// runs there and uses them never changes threads. Only data: ``ServerPool`` does with it what has to be done.
final class ConnectionLane: Sendable {
    /// The place in the list of the pool.
    let index: Int
    /// The loop whose callers it serves; nil for callers from anywhere.
    let eventLoop: (any EventLoop)?
    let machine: Mutex<PoolStateMachine<Connection, ServerPool.Waiter>>
    /// Where its connections live, used in turn.
    private let eventLoops: [any EventLoop]
    /// Whether it may have several connections.
    let hasSeveral: Bool
    private let nextLoop = Atomic<Int>(0)
    private let turnMark = Atomic<Bool>(false)

    private init(
        index: Int,
        eventLoop: (any EventLoop)?,
        eventLoops: [any EventLoop],
        maximumConnections: Int,
        _ configuration: MemcachedConfiguration
    ) {
        self.index = index
        self.eventLoop = eventLoop
        self.eventLoops = eventLoops
        self.hasSeveral = maximumConnections > 1
        self.machine = Mutex(
            PoolStateMachine(
                maximumWaiters: configuration.limits.waitingRequests,
                maximumConnections: maximumConnections,
                growthPauses: RetryPauses(every: .seconds(1), refusals: configuration.authentication.backoff)
            )
        )
    }

    /// The lanes of a pool: the one for everybody first.
    static func lanes(_ configuration: MemcachedConfiguration) -> [ConnectionLane] {
        let group = configuration.eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        let count = max(1, configuration.pool.connections)
        var lanes = [
            ConnectionLane(
                index: 0,
                eventLoop: nil,
                eventLoops: (0..<count).map { _ in group.next() },
                maximumConnections: count,
                configuration
            )
        ]
        guard configuration.pool.connectionsPerLoop > 0 else { return lanes }
        for eventLoop in group.makeIterator() {
            lanes.append(
                ConnectionLane(
                    index: lanes.count,
                    eventLoop: eventLoop,
                    eventLoops: [eventLoop],
                    maximumConnections: configuration.pool.connectionsPerLoop,
                    configuration
                )
            )
        }
        return lanes
    }

    /// Whether an attempt to connect waits for its turn among those of the whole process.
    var awaitsTurn: Bool {
        get { turnMark.load(ordering: .relaxed) }
        set { turnMark.store(newValue, ordering: .relaxed) }
    }

    /// The loop for the next connection.
    var loopForConnection: any EventLoop {
        let number = nextLoop.wrappingAdd(1, ordering: .relaxed).oldValue
        // There is at least one.
        return eventLoops[Int(number.magnitude % UInt(eventLoops.count))]
    }
}
