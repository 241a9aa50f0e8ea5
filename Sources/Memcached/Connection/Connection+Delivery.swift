import MemcachedWire
import NIOCore
import Synchronization

/// How what comes from the server finds who waits for it.
extension Connection {
    /// Responses on their way to who waits for them: those of a batch that came together, or a single one.
    struct Delivery {
        fileprivate var sink: ResponseSink
        /// The frames that they are in, which stand behind one another.
        fileprivate var frames: Range<Int>
        /// The position of the first one; those of the others follow from their opaques.
        fileprivate var index: Int
        fileprivate var last: Bool

        fileprivate mutating func extend(to frame: Int, last: Bool) {
            frames = frames.lowerBound..<frame + 1
            self.last = last
        }
    }

    /// Hands frames to those who wait for them.
    ///
    /// On the event loop.
    ///
    /// - Parameter round: What was received.
    /// - Returns: Responses to the handshake.
    func deliver(_ round: inout Intake.Round) -> [Response] {
        var frames: [ResponseReader.Frame] = []
        swap(&frames, &round.frames)
        defer { swap(&frames, &round.frames) }
        var deliveries: [Delivery] = []
        swap(&deliveries, &round.deliveries)
        var violation: String?
        var isAnswer = false
        let now = NIODeadline.now()
        // Letting go of what is spent can end the client, and with it this connection: not under the lock.
        let (room, isDrained, spent) = pipeline.withLock { pipeline -> (Int?, Bool, [ResponseSink]) in
            pipeline.noteRead(at: now)
            /// Whether the last delivery waits for more.
            var isOpen = false
            for (number, frame) in frames.enumerated() {
                guard frame.header.hasFittingLengths else {
                    pipeline.notePoisoned()
                    violation = "the lengths in the header are not those of a response to \(frame.header.opcode)"
                    break
                }
                if isOpen, pipeline.goesOn(frame.header) {
                    deliveries[deliveries.count - 1].extend(to: number, last: false)
                    continue
                }
                switch pipeline.match(frame.header) {
                case .answer(let sink?, let index, let last, _):
                    if case .handshake = sink {} else { isAnswer = true }
                    if isOpen {
                        deliveries[deliveries.count - 1].extend(to: number, last: last)
                    } else {
                        deliveries.append(Delivery(sink: sink, frames: number..<number + 1, index: index, last: last))
                    }
                    isOpen = !last
                case .answer(nil, _, _, _):
                    isAnswer = true
                case .violation(let reason):
                    violation = reason
                }
                if violation != nil { break }
            }
            loadMark.store(pipeline.requestsInFlight, ordering: .relaxed)
            return (pipeline.hasRoomAgain(), pipeline.isDrained, pipeline.takeSpent())
        }
        defer { withExtendedLifetime(spent) {} }
        let isHeardOfAgain = suspectMark.exchange(false, ordering: .relaxed)
        if isAnswer, !hasAnswered { answeredMark.store(true, ordering: .relaxed) }
        var handshake: [Response] = []
        var swallows = false
        var distrust: MemcachedError?
        let responses = ReceivedResponses(frames, in: round.buffer)
        for delivery in deliveries {
            if responses.isSwallowed(delivery.frames) { swallows = true }
            switch delivery.sink {
            case .single(let continuation, _):
                continuation.resume(returning: .finished(.success(responses[delivery.frames.lowerBound])))
            case .group(let group) where group.keepsRuns:
                group.deliver(responses.run(delivery.frames, from: delivery.index), last: delivery.last)
            case .group(let group):
                group.deliver(
                    responses.each(delivery.frames, from: delivery.index),
                    last: delivery.last,
                    isAppended: frames[delivery.frames.lowerBound].header.opcode == .stat
                )
            case .handshake:
                handshake.append(responses[delivery.frames.lowerBound])
            case .late(let sink):
                for (index, response) in responses.each(delivery.frames, from: delivery.index) {
                    distrust = sink.handler(index, response) ?? distrust
                }
            }
        }
        deliveries.removeAll(keepingCapacity: true)
        swap(&deliveries, &round.deliveries)
        if let violation {
            end(
                MemcachedError(
                    .protocolViolation,
                    "\(violation); the connection was closed and nothing of it used",
                    server: serverLabel,
                    outcome: .unknown
                )
            )
        } else if let distrust {
            poison(distrust)
        } else if swallows {
            end(
                MemcachedError(
                    .connectionLost,
                    "the server did not know a command and swallows what follows it; the connection was closed",
                    server: serverLabel,
                    outcome: .unknown
                )
            )
        } else if isDrained {
            quit()
        } else if let room {
            observer.hasRoom(self, room)
        } else if isHeardOfAgain {
            observer.hasRoom(self, .max)
        }
        return handshake
    }
}
