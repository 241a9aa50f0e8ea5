import MemcachedWire
import NIOCore

/// What is to come back for one entry of the queue.
enum Expectation: Sendable {
    /// One response.
    case one(Opcode)
    /// Any number of STAT responses; the one without key and body ends them, so does an error.
    case statistics
    /// `count` quiet requests with consecutive opaques, each answered or not, then the NOOP's answer.
    case quiet(Opcodes)
    /// One response for each request, in this order.
    case sequence(Opcodes)

    /// The opaques that the entry takes.
    var opaqueCount: UInt32 {
        switch self {
        case .one, .statistics: 1
        case .quiet(let opcodes): UInt32(truncatingIfNeeded: opcodes.count) &+ 1
        case .sequence(let opcodes): UInt32(truncatingIfNeeded: opcodes.count)
        }
    }
}

/// The requests that wait for responses on one connection, oldest first.
///
/// Responses come in request order, so each one belongs to the oldest entry or is wrong. An entry whose caller has
/// gone stays as a *tombstone* without a sink until its response came, was read and dropped. Plain data without I/O:
/// time is an argument, and what is to be done is returned.
struct InFlightQueue<Sink> {
    struct Entry: RingElement {
        static var vacant: Entry {
            Entry(
                firstOpaque: 0,
                expectation: .statistics,
                submitted: .distantPast,
                deadline: .distantPast,
                byteCount: 0
            )
        }

        mutating func vacate() {
            if sink != nil { sink = nil }
            if heir != nil { heir = nil }
            if case .one = expectation {} else { expectation = .statistics }
        }

        var firstOpaque: UInt32
        var expectation: Expectation
        /// The next position in a quiet batch or sequence.
        var progress: UInt32 = 0
        var submitted: NIODeadline
        var deadline: NIODeadline
        /// The requests' length on the wire.
        var byteCount: Int
        /// The one who waits; once the entry is a tombstone, the one who wants a late response, if anybody does.
        var sink: Sink?
        /// Who takes the place of the one who waits when that one gives up.
        var heir: Sink?
        /// Whether the one who waited has gone.
        var isTombstone = false
    }

    /// Whose deadline has passed.
    struct Expired {
        var sink: Sink
        var ticket: UInt64
        var submitted: NIODeadline
    }

    /// What a response means.
    enum Match {
        /// It answers position `index` of the oldest entry. `last`: the entry is complete and has left the queue.
        /// `late`: it is a tombstone's; without a sink, drop it.
        case answer(Sink?, index: Int, last: Bool, late: Bool)
        /// It answers nothing that was asked: the stream is out of step.
        case violation(String)
    }

    private var entries = Ring<Entry>()
    /// Heirs that nobody will tell of anything any more.
    private var spent: [Sink] = []
    /// The ticket of the oldest entry; tickets count up by one.
    private(set) var oldestTicket: UInt64 = 1
    private var nextOpaque: UInt32
    /// The requests in flight, tombstones included.
    private(set) var requestCount = 0
    /// Of those, the ones of tombstones.
    private(set) var tombstoneCount = 0
    private(set) var byteCount = 0

    /// - Parameter firstOpaque: Random, so that a stale response of an earlier connection cannot fit.
    init(firstOpaque: UInt32) {
        self.nextOpaque = firstOpaque
    }

    var isEmpty: Bool { entries.isEmpty }
    /// Whether there is one entry and no more.
    var isSingle: Bool { entries.count == 1 }
    var nextTicket: UInt64 { oldestTicket + UInt64(entries.count) }
    var oldest: Entry? { entries.place(0).map { entries.places[$0] } }
    /// The opaque that the next entry begins with.
    var upcomingOpaque: UInt32 { nextOpaque }

    /// Takes consecutive opaques out of use, for requests that are encoded before they are registered.
    ///
    /// - Returns: The first of them.
    mutating func reserveOpaques(_ count: UInt32) -> UInt32 {
        defer { nextOpaque &+= count }
        return nextOpaque
    }

    /// Registers requests that have consecutive opaques.
    ///
    /// - Parameters:
    ///   - expectation: What is to come back.
    ///   - firstOpaque: The first one, if it was reserved; else they begin with ``upcomingOpaque``.
    ///   - byteCount: The requests' length on the wire.
    ///   - submitted: The time.
    ///   - deadline: Until when somebody waits.
    ///   - sink: Who waits.
    ///   - heir: Who takes the place of the one who waits when that one gives up.
    /// - Returns: The entry's ticket, for ``abandon(ticket:)``.
    mutating func append(
        _ expectation: Expectation,
        firstOpaque: UInt32? = nil,
        byteCount: Int,
        submitted: NIODeadline,
        deadline: NIODeadline,
        sink: Sink,
        heir: Sink? = nil
    ) -> UInt64 {
        let ticket = nextTicket
        let firstOpaque = firstOpaque ?? reserveOpaques(expectation.opaqueCount)
        let place = entries.extend()
        // Part by part: an entry made elsewhere would be copied into its place with all that it refers to.
        entries.places[place].firstOpaque = firstOpaque
        entries.places[place].expectation = expectation
        entries.places[place].progress = 0
        entries.places[place].submitted = submitted
        entries.places[place].deadline = deadline
        entries.places[place].byteCount = byteCount
        entries.places[place].sink = sink
        if let heir { entries.places[place].heir = heir }
        entries.places[place].isTombstone = false
        requestCount += Int(expectation.opaqueCount)
        self.byteCount += byteCount
        return ticket
    }

    /// Finds whom a response is for.
    mutating func match(_ header: ResponseHeader) -> Match {
        // Only the oldest entry can be answered.
        guard let place = entries.place(0) else { return .violation("a response came that nobody asked for") }
        let match = entries.places[place].match(header)
        if case .answer(_, _, last: true, _) = match { removeOldest() }
        return match
    }

    /// Takes a response in that is for the same entry as the one before it, and does not complete it.
    ///
    /// As ``match(_:)``, for the responses of a batch behind its first one: who waits for them is known.
    ///
    /// - Returns: Whether it is such a response; if not, nothing has changed.
    mutating func goesOn(_ header: ResponseHeader) -> Bool {
        guard let place = entries.place(0), case .goesOn = entries.places[place].step(header) else { return false }
        return true
    }

    /// Turns an entry into a tombstone.
    ///
    /// - Returns: Who waited; nil when it was answered or abandoned before.
    mutating func abandon(ticket: UInt64) -> Sink? {
        guard ticket >= oldestTicket, ticket < nextTicket else { return nil }
        return bury(Int(ticket - oldestTicket))
    }

    /// The tickets of those who wait and for whom something holds, oldest first.
    func tickets(where isMeant: (Sink) -> Bool) -> [UInt64] {
        var tickets: [UInt64] = []
        for index in 0..<entries.count {
            guard let place = entries.place(index), entries.places[place].waits(isMeant) else { continue }
            tickets.append(oldestTicket + UInt64(index))
        }
        return tickets
    }

    /// Turns every entry whose deadline has passed into a tombstone.
    ///
    /// - Returns: Who waited, and the next deadline among those who still wait.
    mutating func expire(at now: NIODeadline) -> (expired: [Expired], next: NIODeadline?) {
        var expired: [Expired] = []
        var next: NIODeadline?
        for index in 0..<entries.count {
            guard let place = entries.place(index), let (submitted, deadline) = entries.places[place].term else {
                continue
            }
            if deadline <= now {
                if let sink = bury(index) {
                    expired.append(Expired(sink: sink, ticket: oldestTicket + UInt64(index), submitted: submitted))
                }
            } else {
                next = min(next ?? deadline, deadline)
            }
        }
        return (expired, next)
    }

    /// Empties the queue at the connection's end.
    ///
    /// - Returns: Who waited, with their tickets, oldest first.
    mutating func removeAll() -> [(sink: Sink, ticket: UInt64)] {
        var waiting: [(sink: Sink, ticket: UInt64)] = []
        for index in 0..<entries.count {
            guard let place = entries.place(index) else { continue }
            let entry = entries.places[place]
            if let sink = entry.sink, !entry.isTombstone { waiting.append((sink, oldestTicket + UInt64(index))) }
            if entry.isTombstone, let sink = entry.sink { spent.append(sink) }
            if let heir = entry.heir { spent.append(heir) }
        }
        oldestTicket = nextTicket
        entries.removeAll()
        requestCount = 0
        tombstoneCount = 0
        byteCount = 0
        return waiting
    }

    /// Makes the entry at an index, which is in bounds, a tombstone.
    private mutating func bury(_ index: Int) -> Sink? {
        guard let place = entries.place(index), let (sink, opaqueCount) = entries.places[place].bury() else {
            return nil
        }
        tombstoneCount += opaqueCount
        return sink
    }

    private mutating func removeOldest() {
        guard let place = entries.place(0) else { return }
        let (opaqueCount, isTombstone, length, heir) = entries.places[place].leave()
        entries.removeFirst()
        oldestTicket += 1
        requestCount -= opaqueCount
        if isTombstone { tombstoneCount -= opaqueCount }
        byteCount -= length
        if let heir { spent.append(heir) }
    }

    /// What has to be let go of outside the lock.
    ///
    /// A heir may hold the last reference to a client, whose end closes this very connection.
    mutating func takeSpent() -> [Sink] {
        if spent.isEmpty { return [] }
        defer { spent = [] }
        return spent
    }
}

// Everything that changes an entry does it in its place: one that is read out of the queue is copied, with all that it
// refers to.
extension InFlightQueue.Entry {
    /// What a response is to an entry.
    enum Step {
        /// It answers position `index`, and others are to come.
        case goesOn(Int)
        /// It answers position `index`, and completes the entry.
        case ends(Int)
        case violation(String)
    }

    /// Takes in a response; after one that it goes on with, the next is expected.
    fileprivate mutating func step(_ header: ResponseHeader) -> Step {
        let offset = header.opaque &- firstOpaque
        switch expectation {
        case .one(let opcode):
            guard offset == 0 else { return .violation("the opaque is not the oldest request's") }
            guard header.opcode == opcode else { return .violation(Self.wrongOpcode(header.opcode, for: opcode)) }
            return .ends(0)
        case .statistics:
            guard offset == 0 else { return .violation("the opaque is not the oldest request's") }
            guard header.opcode == .stat else { return .violation(Self.wrongOpcode(header.opcode, for: .stat)) }
            let isLast = header.status != .success || (header.keyLength == 0 && header.bodyLength == 0)
            return isLast ? .ends(0) : .goesOn(0)
        case .quiet(let opcodes):
            guard offset >= progress, offset <= opcodes.count else {
                return .violation("the opaque is not of the oldest batch, or out of order in it")
            }
            let index = Int(offset)
            let opcode = opcodes[index] ?? .noop
            guard header.opcode == opcode else { return .violation(Self.wrongOpcode(header.opcode, for: opcode)) }
            if index == opcodes.count { return .ends(index) }
            progress = offset + 1
            return .goesOn(index)
        case .sequence(let opcodes):
            let index = Int(offset)
            guard offset == progress, let opcode = opcodes[index] else {
                return .violation("the opaque is not the next one of the oldest sequence")
            }
            guard header.opcode == opcode else { return .violation(Self.wrongOpcode(header.opcode, for: opcode)) }
            if index == opcodes.count - 1 { return .ends(index) }
            progress = offset + 1
            return .goesOn(index)
        }
    }

    /// Takes in a response, and says whom it is for.
    fileprivate mutating func match(_ header: ResponseHeader) -> InFlightQueue.Match {
        switch step(header) {
        case .violation(let reason): .violation(reason)
        case .goesOn(let index): .answer(sink, index: index, last: false, late: isTombstone)
        case .ends(let index): .answer(sink.take(), index: index, last: true, late: isTombstone)
        }
    }

    /// Since when and until when somebody waits; nil when nobody does.
    fileprivate var term: (submitted: NIODeadline, deadline: NIODeadline)? {
        isTombstone ? nil : (submitted, deadline)
    }

    /// Whether somebody waits for whom something holds.
    fileprivate func waits(_ isMeant: (Sink) -> Bool) -> Bool {
        guard !isTombstone, let sink else { return false }
        return isMeant(sink)
    }

    /// Becomes a tombstone; nil when it is one.
    fileprivate mutating func bury() -> (sink: Sink?, opaqueCount: Int)? {
        guard !isTombstone else { return nil }
        isTombstone = true
        let waiting = sink.take()
        sink = heir.take()
        return (waiting, Int(expectation.opaqueCount))
    }

    /// What has to be known of an entry that leaves the queue.
    fileprivate mutating func leave() -> (opaqueCount: Int, isTombstone: Bool, byteCount: Int, heir: Sink?) {
        (Int(expectation.opaqueCount), isTombstone, byteCount, heir.take())
    }

    private static func wrongOpcode(_ opcode: Opcode, for expected: Opcode) -> String {
        "the response is to \(opcode), the request was \(expected)"
    }
}
