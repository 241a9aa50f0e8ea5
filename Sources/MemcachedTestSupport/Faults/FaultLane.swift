import NIOCore

/// One direction of a connection on its way through faults: bytes in, steps with times out.
///
/// It knows no socket and no clock; what happens is decided by the schedule that is passed in, which all connections of
/// a proxy share.
struct FaultLane: Sendable {
    private static let historyLimit = 16
    private static let historyFrameLimit = 4096

    private let direction: FaultPlan.Direction
    private var cutter: FrameCutter
    private var generator: SeededGenerator
    private var history: [RawFrame] = []
    private var queue = DeliveryQueue()
    private var drops = false
    private var ended = false

    /// What has happened, taken by the owner from time to time.
    struct Tally: Hashable, Sendable {
        /// How many whole frames came in.
        var frames = 0
        /// How often each kind of fault was done.
        var faults: [Fault.Kind: Int] = [:]
        /// How often an opcode was answered with a status.
        var answers: [UInt8: [UInt16: Int]] = [:]
    }

    private(set) var tally = Tally()

    /// Starts at the beginning of a stream.
    /// - Parameters:
    ///   - direction: Which way the bytes go.
    ///   - isRaw: Whether not to look for frames.
    ///   - generator: The dice of this direction of this connection.
    init(_ direction: FaultPlan.Direction, isRaw: Bool, generator: SeededGenerator) {
        self.direction = direction
        self.generator = generator
        let magic = direction == .responses ? RawFrame.responseMagic : RawFrame.requestMagic
        cutter = FrameCutter(magic: magic, isRaw: isRaw)
    }

    /// How many bytes are held.
    var heldBytes: Int { queue.byteCount + cutter.pendingCount }

    /// When the next step is due, nil if there is none.
    var nextDue: NIODeadline? { queue.nextDue }

    /// Takes bytes that have come.
    mutating func receive(_ bytes: some Collection<UInt8>, now: NIODeadline, _ schedule: inout FaultSchedule) {
        for unit in cutter.cut(bytes) { receive(unit, now: now, &schedule) }
    }

    /// Takes a unit that was not cut from a stream, as a server in the same process makes it.
    mutating func receive(_ unit: StreamUnit, now: NIODeadline, _ schedule: inout FaultSchedule) {
        var none = FaultSchedule(.none)
        receive(unit, now: now, first: &none, &schedule)
    }

    /// Takes a unit to which the faults of two schedules happen, those of the first one first.
    mutating func receive(
        _ unit: StreamUnit,
        now: NIODeadline,
        first: inout FaultSchedule,
        _ schedule: inout FaultSchedule
    ) {
        guard !ended else { return }
        if let frame = unit.frame {
            tally.frames += 1
            if direction == .responses { tally.answers[frame.opcode, default: [:]][frame.status, default: 0] += 1 }
        }
        guard !drops else { return }
        let hasHistory = !history.isEmpty
        var decision = first.decide(unit, direction, hasHistory: hasHistory, using: &generator)
        schedule.add(to: &decision, unit, direction, hasHistory: hasHistory, using: &generator)
        for kind in decision.kinds where kind != .reorder { tally.faults[kind, default: 0] += 1 }
        apply(decision, to: unit, now: now)
        remember(unit)
    }

    /// Takes the end of the stream: what was unfinished is handed over as it is, then the end.
    /// - Parameters:
    ///   - ending: How it ends.
    ///   - now: The present.
    mutating func receiveEnd(with ending: DeliveryQueue.Action = .finish, now: NIODeadline) {
        guard !ended else { return }
        let rest = cutter.finish()
        if !rest.isEmpty { enqueue([.write(rest)], due: now, now: now) }
        enqueue([ending], due: now, now: now)
        ended = true
    }

    /// Takes the steps whose time has come.
    mutating func takeDue(now: NIODeadline) -> [DeliveryQueue.Action] {
        queue.takeDue(now: now)
    }

    /// Takes the tally and begins a new one.
    mutating func takeTally() -> Tally {
        defer { tally = Tally() }
        return tally
    }

    private mutating func apply(_ decision: FaultSchedule.Decision, to unit: StreamUnit, now: NIODeadline) {
        let due = now + TimeAmount(decision.hold)
        guard let shape = decision.shape else {
            enqueue([.write(unit.bytes)], due: due, now: now)
            return
        }
        switch shape {
        case .swallow: break
        case .dropRest: drops = true
        case .halfClose: end([.finish], due: due, now: now)
        case .close: end([.close], due: due, now: now)
        case .reset: end([.reset], due: due, now: now)
        case .truncate(let count):
            let kept = Array(unit.bytes.prefix(cut(unit.bytes.count, at: count)))
            end(kept.isEmpty ? [.close] : [.write(kept), .close], due: due, now: now)
        case .split(let offset):
            let bytes = unit.bytes
            let at = cut(bytes.count, at: offset)
            let pieces = [bytes.prefix(at), bytes.dropFirst(at)].filter { !$0.isEmpty }
            enqueue(pieces.map { .write(Array($0)) }, due: due, gap: .milliseconds(1), now: now)
        case .trickle: enqueue(unit.bytes.map { .write([$0]) }, due: due, now: now)
        case .reorder(let patience):
            enqueue([.write(unit.bytes)], due: due + TimeAmount(patience), letsNextPass: true, now: now)
        case .replay:
            let old = history.randomElement(using: &generator)?.bytes ?? []
            enqueue([.write(old + unit.bytes)], due: due, now: now)
        default:
            enqueue([.write(shape.changed(unit, using: &generator))], due: due, now: now)
        }
    }

    private mutating func enqueue(
        _ actions: [DeliveryQueue.Action],
        due: NIODeadline,
        gap: TimeAmount = .zero,
        letsNextPass: Bool = false,
        now: NIODeadline
    ) {
        let overtaken = queue.append(actions, due: due, gap: gap, letsNextPass: letsNextPass, now: now)
        if overtaken { tally.faults[.reorder, default: 0] += 1 }
    }

    private mutating func end(_ actions: [DeliveryQueue.Action], due: NIODeadline, now: NIODeadline) {
        enqueue(actions, due: due, now: now)
        ended = true
    }

    /// A place inside a unit: the one asked for, as far as the unit reaches, or a random one with bytes on both sides.
    private mutating func cut(_ count: Int, at offset: Int?) -> Int {
        if let offset { return min(max(offset, 0), count) }
        return count < 2 ? count : Int.random(in: 1..<count, using: &generator)
    }

    private mutating func remember(_ unit: StreamUnit) {
        guard let frame = unit.frame, frame.bytes.count <= Self.historyFrameLimit else { return }
        history.append(frame)
        if history.count > Self.historyLimit { history.removeFirst() }
    }
}
