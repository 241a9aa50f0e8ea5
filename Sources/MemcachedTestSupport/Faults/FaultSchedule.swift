/// A plan at work: what it has done so far, and so what comes next.
struct FaultSchedule: Sendable {
    /// What happens to one unit of a stream.
    struct Decision: Hashable, Sendable {
        /// How long the unit is held, all faults of time together.
        var hold: Duration = .zero
        /// The one fault that is done to the unit.
        var shape: Fault?
        /// All that takes part, for counting.
        var kinds: [Fault.Kind] = []
    }

    private struct Progress {
        var rule: FaultPlan.Rule
        var skipped = 0
        var hits = 0
    }

    /// Faults that were asked for once, gone through before the plan.
    private var once: [Progress] = []
    private var progress: [Progress] = []

    /// The plan; setting it starts all its counts anew.
    var plan: FaultPlan {
        get { FaultPlan(progress.map(\.rule)) }
        set { progress = newValue.rules.map { Progress(rule: $0) } }
    }

    init(_ plan: FaultPlan) {
        self.plan = plan
    }

    /// Asks for a fault on the next frames that fit, in addition to the plan.
    mutating func inject(_ rule: FaultPlan.Rule) {
        once.append(Progress(rule: rule))
    }

    /// Decides what happens to a unit.
    /// - Parameters:
    ///   - unit: A frame, or bytes that are none.
    ///   - direction: Where it goes.
    ///   - hasHistory: Whether older frames of this direction are known.
    ///   - generator: The dice; thrown for each rule that fits.
    /// - Returns: What happens.
    mutating func decide(
        _ unit: StreamUnit,
        _ direction: FaultPlan.Direction,
        hasHistory: Bool,
        using generator: inout SeededGenerator
    ) -> Decision {
        var decision = Decision()
        add(to: &decision, unit, direction, hasHistory: hasHistory, using: &generator)
        return decision
    }

    /// Adds what this schedule does to what another one has decided already.
    mutating func add(
        to decision: inout Decision,
        _ unit: StreamUnit,
        _ direction: FaultPlan.Direction,
        hasHistory: Bool,
        using generator: inout SeededGenerator
    ) {
        for index in once.indices {
            Self.consider(&once[index], unit, direction, hasHistory, &decision, &generator)
        }
        once.removeAll { $0.hits >= $0.rule.limit ?? .max }
        for index in progress.indices {
            Self.consider(&progress[index], unit, direction, hasHistory, &decision, &generator)
        }
    }

    private static func consider(
        _ progress: inout Progress,
        _ unit: StreamUnit,
        _ direction: FaultPlan.Direction,
        _ hasHistory: Bool,
        _ decision: inout Decision,
        _ generator: inout SeededGenerator
    ) {
        let rule = progress.rule
        guard rule.direction == direction, progress.hits < rule.limit ?? .max else { return }
        if let opcodes = rule.opcodes {
            guard let frame = unit.frame, opcodes.contains(frame.opcode) else { return }
        }
        guard rule.fault.applies(to: unit, direction, hasHistory: hasHistory) else { return }
        guard progress.skipped >= rule.skipping else {
            progress.skipped += 1
            return
        }
        // The dice are thrown even for certain rules, so that a changed probability changes no other decision.
        let dice = Double.random(in: 0..<1, using: &generator)
        guard dice < rule.probability else { return }
        if let hold = rule.fault.hold(using: &generator) {
            decision.hold += hold
        } else if decision.shape == nil {
            decision.shape = rule.fault
        } else {
            return
        }
        progress.hits += 1
        decision.kinds.append(rule.fault.kind)
    }
}
