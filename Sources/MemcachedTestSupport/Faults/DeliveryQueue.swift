import NIOCore

/// What is to be handed over in one direction of a connection, and when; order is kept whatever the times say.
struct DeliveryQueue: Sendable {
    /// One step.
    enum Action: Hashable, Sendable {
        /// Write these bytes.
        case write([UInt8])
        /// End the stream in this direction.
        case finish
        /// Close the connection.
        case close
        /// Reset the connection.
        case reset
    }

    private struct Step {
        var due: NIODeadline
        var action: Action
        /// Whether a write before it must have been flushed, so that the receiver can see the seam.
        var startsWrite: Bool
        /// Whether the next frame overtakes this one if it comes before this one is due.
        var letsNextPass: Bool
    }

    /// So many bytes are handed over before the receiver is asked whether it takes more.
    private static let portion = 256 * 1024

    private var steps: [Step] = []
    /// So many of the steps have been taken.
    private var taken = 0

    /// How many bytes are waiting.
    private(set) var byteCount = 0

    /// When the first step is due, nil if there is none.
    var nextDue: NIODeadline? { taken < steps.count ? steps[taken].due : nil }

    /// Adds steps that belong together; a frame before them that waits to be overtaken is overtaken.
    /// - Parameters:
    ///   - actions: The steps; the writes among them are not joined with each other.
    ///   - due: Not before when.
    ///   - gap: How much later each next step is due.
    ///   - letsNextPass: Whether the next group goes before this one if it comes before this one is due.
    ///   - now: The present.
    /// - Returns: Whether a frame has been overtaken.
    mutating func append(
        _ actions: [Action],
        due: NIODeadline,
        gap: TimeAmount = .zero,
        letsNextPass: Bool = false,
        now: NIODeadline
    ) -> Bool {
        var group: [Step] = []
        var due = due
        for (index, action) in actions.enumerated() {
            group.append(Step(due: due, action: action, startsWrite: index > 0, letsNextPass: letsNextPass))
            due = due + gap
            if case .write(let bytes) = action { byteCount += bytes.count }
        }
        // Only a frame overtakes; the end of the stream does not.
        guard taken < steps.count, let last = steps.last, last.letsNextPass, case .write? = actions.first else {
            steps += group
            return false
        }
        // Both go now: the one that waited has only waited for this.
        steps[steps.count - 1].letsNextPass = false
        steps[steps.count - 1].due = now
        steps.insert(contentsOf: group, at: steps.count - 1)
        return true
    }

    /// Takes steps whose time has come, up to one that has to wait and about as many as make a portion.
    /// - Parameter now: The present.
    /// - Returns: The steps in order, neighbouring writes joined where no seam was asked for.
    mutating func takeDue(now: NIODeadline) -> [Action] {
        var actions: [Action] = []
        var joined: [UInt8] = []
        var count = 0
        while taken < steps.count, steps[taken].due <= now, count < Self.portion {
            let step = steps[taken]
            taken += 1
            guard case .write(let bytes) = step.action else {
                flush(&joined, into: &actions)
                actions.append(step.action)
                continue
            }
            if step.startsWrite { flush(&joined, into: &actions) }
            joined += bytes
            count += bytes.count
        }
        flush(&joined, into: &actions)
        byteCount -= count
        // The steps that are taken go when they are the larger half, which costs less than taking them did.
        if taken > steps.count / 2 {
            steps.removeFirst(taken)
            taken = 0
        }
        return actions
    }

    private func flush(_ joined: inout [UInt8], into actions: inout [Action]) {
        guard !joined.isEmpty else { return }
        actions.append(.write(joined))
        joined = []
    }
}
