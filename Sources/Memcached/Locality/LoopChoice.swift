import NIOCore
import NIOPosix
import Synchronization

/// The event loops of a client, handed out in turn to code that wants to run on one.
final class LoopChoice: Sendable {
    private let eventLoops: [any EventLoop]
    private let turn = Atomic<UInt>(0)

    init(_ configuration: MemcachedConfiguration) {
        let group = configuration.eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton
        let eventLoops = Array(group.makeIterator())
        self.eventLoops = eventLoops.isEmpty ? [group.next()] : eventLoops
    }

    /// The loop that this runs on, if it is one of them; else the next one.
    var eventLoop: any EventLoop {
        if let current = MultiThreadedEventLoopGroup.currentEventLoop, eventLoops.contains(where: { $0 === current }) {
            return current
        }
        let number = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        // There is at least one.
        return eventLoops[Int(number % UInt(eventLoops.count))]
    }
}
