import NIOCore

/// Who is told what a lane's writer cannot do itself.
protocol LaneWriterOwner: AnyObject {
    /// The stream of a direction has reached its end, or the connection is to be closed or reset.
    func laneReached(_ ending: DeliveryQueue.Action, _ direction: FaultPlan.Direction)
    /// Something was taken in or handed over, so that more may be read, or not.
    func laneMoved(_ direction: FaultPlan.Direction)
    /// Whether everything in a direction is held until further notice.
    func isPaused(_ direction: FaultPlan.Direction) -> Bool
}

/// Hands what comes out of a ``FaultLane`` over to a channel, at its time and as far as the channel takes it.
///
/// Not `Sendable`: it is used on one event loop only.
final class LaneWriter {
    /// The direction's faults.
    var lane: FaultLane
    /// Where it goes; nothing is handed over while there is none.
    var target: (any Channel)?
    /// Who is told about endings.
    weak var owner: (any LaneWriterOwner)?

    private let direction: FaultPlan.Direction
    private let eventLoop: any EventLoop
    private var alarm: Scheduled<Void>?
    private var isPumping = false
    private var isStopped = false

    init(_ lane: FaultLane, _ direction: FaultPlan.Direction, eventLoop: any EventLoop) {
        self.lane = lane
        self.direction = direction
        self.eventLoop = eventLoop
    }

    /// Hands over what is due, and comes back when the next step is.
    func pump() {
        // A write or close may call back in here before it returns.
        guard !isPumping else { return }
        isPumping = true
        defer {
            isPumping = false
            owner?.laneMoved(direction)
        }
        alarm?.cancel()
        alarm = nil
        while let target, target.isWritable, !isStopped, owner?.isPaused(direction) != true {
            let actions = lane.takeDue(now: .now())
            if actions.isEmpty { break }
            for action in actions where !isStopped { perform(action, on: target) }
        }
        guard let target, target.isWritable, !isStopped, owner?.isPaused(direction) != true else { return }
        guard let due = lane.nextDue else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        alarm = eventLoop.scheduleTask(deadline: due) { bound.value.pump() }
    }

    /// Hands nothing over any more.
    func stop() {
        isStopped = true
        alarm?.cancel()
        alarm = nil
    }

    private func perform(_ action: DeliveryQueue.Action, on target: any Channel) {
        if case .write(let bytes) = action {
            target.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        } else {
            owner?.laneReached(action, direction)
        }
    }
}
