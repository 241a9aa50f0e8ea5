/// What may be stored under one key, after what its owner has been told.
///
/// An answered operation narrows the possibilities down; one whose outcome is unknown widens them: it may have been
/// carried out, may be later (its bytes may still be on the way on a connection that has been given up), or never. So
/// an unknown operation stays in doubt until it has been seen, or until no connection is left that could bring it.
struct KeyModel: Sendable {
    private struct State: Hashable, Sendable {
        var content: Content?
        /// The item's CAS; nil when its writer was not told.
        var version: UInt64?
        /// Which of ``doubts`` have been carried out, by bit.
        var landed: UInt8 = 0
    }

    /// What the model has been told.
    private enum Event: Sendable {
        case confirmed(Effect, Effect.Verdict, cas: UInt64?)
        case doubted(Effect)
        case observed(Content?, cas: UInt64?)
        case observedPresence(Bool)
        case settled
        case begun(Content?)
    }

    /// With so many operations in doubt a key is left alone until the next time of rest.
    private static let crowd = 4
    /// As many as ``State/landed`` has bits.
    private static let mostDoubts = 8

    private var states: Set<State> = [State()]
    private var doubts: [Effect] = []
    /// The last of what happened, for the report of a wrong answer.
    private var journal: [Event] = []
    private static let journalLength = 12

    /// Whether so much is in doubt that nothing more should be done to the key.
    var isCrowded: Bool { doubts.count >= Self.crowd }
    /// Whether an operation is in doubt.
    var isInDoubt: Bool { !doubts.isEmpty }

    /// How many more operations may come into doubt before there is no room for them.
    var room: Int { Self.mostDoubts - doubts.count }

    /// What is there, if only one thing can be and nothing is in doubt; the inner nil is nothing.
    var certainty: Content?? {
        guard doubts.isEmpty, states.count == 1, let state = states.first else { return nil }
        return .some(state.content)
    }

    /// An operation was answered.
    ///
    /// - Parameters:
    ///   - effect: What it does.
    ///   - verdict: What the server answered.
    ///   - cas: The CAS that came with the answer, if one did.
    /// - Returns: Whether the answer is possible.
    mutating func confirm(_ effect: Effect, _ verdict: Effect.Verdict, cas: UInt64? = nil) -> Bool {
        note(.confirmed(effect, verdict, cas: cas))
        return narrow { state in
            if verdict == .notNumeric, effect.mayBeRefused(at: state.content) { return state }
            let change = effect.change(to: state.content, version: state.version)
            guard change.verdict == verdict else { return nil }
            var next = state
            next.content = change.content
            if change.isNewVersion { next.version = change.content == nil ? nil : cas }
            return next
        }
    }

    /// The item was read.
    ///
    /// - Parameters:
    ///   - content: What was there; nil for a miss.
    ///   - cas: Its CAS.
    /// - Returns: Whether that is possible.
    mutating func observe(_ content: Content?, cas: UInt64?) -> Bool {
        note(.observed(content, cas: cas))
        return narrow { state in
            guard state.content == content else { return nil }
            if let version = state.version, let cas, version != cas { return nil }
            var next = state
            if content != nil { next.version = cas ?? state.version }
            return next
        }
    }

    /// The server said whether there is an item.
    mutating func observe(isThere: Bool) -> Bool {
        note(.observedPresence(isThere))
        return narrow { ($0.content != nil) == isThere ? $0 : nil }
    }

    /// An operation left and no answer came.
    mutating func doubt(_ effect: Effect) {
        note(.doubted(effect))
        guard doubts.count < Self.mostDoubts else { return }
        doubts.append(effect)
    }

    /// Nothing in doubt can happen any more: what was observed last holds.
    mutating func settle() {
        note(.settled)
        doubts = []
        states = Set(
            states.map { state in
                var state = state
                state.landed = 0
                return state
            }
        )
    }

    /// Begins again after a wrong answer, so that it is not reported with every later operation.
    mutating func begin(with content: Content?) {
        note(.begun(content))
        doubts = []
        states = [State(content: content)]
    }

    private mutating func note(_ event: Event) {
        if journal.count == Self.journalLength { journal.removeFirst() }
        journal.append(event)
    }

    private mutating func narrow(_ next: (State) -> State?) -> Bool {
        land()
        let possible = Set(states.compactMap(next))
        guard !possible.isEmpty else { return false }
        states = possible
        forgetLanded()
        return true
    }

    /// Adds what is there if some of the operations in doubt, in any order, have been carried out by now.
    private mutating func land() {
        guard !doubts.isEmpty else { return }
        var open = Array(states)
        while let state = open.popLast() {
            for (index, effect) in doubts.enumerated() where state.landed & (1 << index) == 0 {
                let change = effect.change(to: state.content, version: state.version)
                var next = state
                next.content = change.content
                if change.isNewVersion { next.version = nil }
                next.landed |= 1 << index
                if states.insert(next).inserted { open.append(next) }
            }
        }
    }

    /// Forgets the operations that have been carried out whatever else is true.
    private mutating func forgetLanded() {
        let landed = states.reduce(UInt8.max) { $0 & $1.landed }
        for index in doubts.indices.reversed() where landed & (1 << index) != 0 {
            doubts.remove(at: index)
            let below = (UInt8(1) << index) &- 1
            states = Set(
                states.map { state in
                    var state = state
                    state.landed = (state.landed & below) | ((state.landed >> 1) & ~below)
                    return state
                }
            )
        }
    }
}

extension KeyModel: CustomStringConvertible {
    /// What may be there, for the report of a wrong answer.
    var description: String {
        let contents = states.prefix(6)
            .map { state in
                (state.content?.description ?? "nothing") + (state.version.map { " (CAS \($0))" } ?? "")
            }
        return contents.joined(separator: ", or ") + (doubts.isEmpty ? "" : "; in doubt: \(doubts)")
            + "; before: " + journal.map(Self.line).joined(separator: ", ")
    }

    private static func line(_ event: Event) -> String {
        switch event {
        case .confirmed(let effect, let verdict, let cas): "\(effect) -> \(verdict)" + (cas.map { " CAS \($0)" } ?? "")
        case .doubted(let effect): "\(effect) -> ?"
        case .observed(let content, let cas): "saw \(content?.description ?? "nothing") CAS \(cas ?? 0)"
        case .observedPresence(let isThere): "saw \(isThere ? "something" : "nothing")"
        case .settled: "rest"
        case .begun(let content): "begun again with \(content?.description ?? "nothing")"
        }
    }
}
