import DequeModule
import NIOCore

/// Operations that wait, first come first served; who gives up is found at once, however many wait.
///
/// A number is a position: whoever leaves from the middle leaves a hole there, which goes when it comes to the front.
struct WaiterQueue<Waiter: Sendable> {
    private struct Entry {
        var deadline: NIODeadline
        var waiter: Waiter
        var wantsAnother: Bool
    }

    private var entries: Deque<Entry?> = []
    /// The number of the first entry.
    private var firstID: UInt64 = 1
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Lets an operation wait.
    ///
    /// - Parameters:
    ///   - waiter: Who it is.
    ///   - deadline: Until when.
    ///   - wantsAnother: Whether it waits for a connection besides those that there are.
    /// - Returns: Its number, from 1 upwards.
    mutating func append(_ waiter: Waiter, deadline: NIODeadline, wantsAnother: Bool = false) -> UInt64 {
        let id = firstID + UInt64(entries.count)
        entries.append(Entry(deadline: deadline, waiter: waiter, wantsAnother: wantsAnother))
        count += 1
        return id
    }

    /// An operation gives up.
    ///
    /// - Returns: Who it is; nil when it does not wait any more.
    mutating func remove(id: UInt64) -> Waiter? {
        guard id >= firstID, id - firstID < UInt64(entries.count) else { return nil }
        let index = Int(id - firstID)
        guard let entry = entries[index] else { return nil }
        entries[index] = nil
        count -= 1
        dropHoles()
        return entry.waiter
    }

    /// Takes out the first `number`, or all there are.
    mutating func removeFirst(_ number: Int) -> [Waiter] {
        var waiters: [Waiter] = []
        waiters.reserveCapacity(min(number, count))
        while waiters.count < number, let entry = entries.popFirst() {
            firstID += 1
            if let entry { waiters.append(entry.waiter) }
        }
        count -= waiters.count
        dropHoles()
        return waiters
    }

    mutating func removeAll() -> [Waiter] { removeFirst(.max) }

    /// Takes out those who wait for one more connection.
    mutating func removeThoseWhoWantAnother() -> [Waiter] { remove { $0.wantsAnother } }

    /// Takes out those whose deadline has passed.
    ///
    /// - Returns: Who they are, and the next deadline.
    mutating func expire(at now: NIODeadline) -> (expired: [Waiter], next: NIODeadline?) {
        let expired = remove { $0.deadline <= now }
        return (expired, entries.lazy.compactMap { $0?.deadline }.min())
    }

    private mutating func remove(where isDue: (Entry) -> Bool) -> [Waiter] {
        guard count > 0 else { return [] }
        var waiters: [Waiter] = []
        for index in entries.indices {
            guard let entry = entries[index], isDue(entry) else { continue }
            waiters.append(entry.waiter)
            entries[index] = nil
        }
        count -= waiters.count
        dropHoles()
        return waiters
    }

    private mutating func dropHoles() {
        while let first = entries.first, first == nil {
            entries.removeFirst()
            firstID += 1
        }
    }
}
