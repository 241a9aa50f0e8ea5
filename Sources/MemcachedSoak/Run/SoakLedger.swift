import Memcached
import Synchronization

/// Where all tasks of a run write down what happens: it knows what is under way, counts, and collects what is wrong.
final class SoakLedger: Sendable {
    /// An operation under way.
    struct Entry: Sendable {
        var name: String
        /// When it has to have ended, the slack included.
        var due: ContinuousClock.Instant
    }

    private struct State {
        var report: SoakReport
        var underWay: [UInt64: Entry] = [:]
        var next: UInt64 = 0
    }

    /// How much that is wrong is kept in words.
    private static let longestList = 20

    private let state: Mutex<State>

    init(seed: UInt64) {
        self.state = Mutex(State(report: SoakReport(seed: seed)))
    }

    /// What has happened so far.
    var report: SoakReport { state.withLock { $0.report } }

    /// An operation begins.
    ///
    /// - Returns: Its ticket.
    func begin(_ name: String, due: ContinuousClock.Instant) -> UInt64 {
        state.withLock { state in
            state.next += 1
            state.underWay[state.next] = Entry(name: name, due: due)
            return state.next
        }
    }

    /// An operation has ended; once for each that began.
    ///
    /// - Parameters:
    ///   - ticket: Which one.
    ///   - keys: How many keys it was about.
    ///   - isAnswered: Whether there was no error.
    ///   - late: How long after its deadline or its cancellation.
    ///   - slack: How long that may be.
    func end(_ ticket: UInt64, keys: Int, isAnswered: Bool, late: Duration, slack: Duration) {
        let entry = state.withLock { state in
            state.report.operations += 1
            state.report.answered += isAnswered ? 1 : 0
            state.report.keys += keys
            state.report.latest = max(state.report.latest, late)
            return state.underWay.removeValue(forKey: ticket)
        }
        guard let entry else { return wrong("an operation ended twice, or had been given up as hanging") }
        if late > slack { wrong("\(entry.name) ended \(late) after its deadline") }
    }

    /// An error was thrown, or stands in a batch.
    func note(_ error: MemcachedError, of name: String) {
        state.withLock { state in
            state.report.errors[error.code, default: 0] += 1
            state.report.outcomes[error.outcome, default: 0] += 1
        }
        if !SoakReport.claimedErrors.contains(error.code) { wrong("\(name) ended with an unexpected error: \(error)") }
        if "\(error)".contains(SoakKey.mark) { wrong("the error of \(name) holds the name of a key") }
    }

    /// A late reply came.
    func noteLateReply() {
        state.withLock { $0.report.lateReplies += 1 }
    }

    /// Something is wrong.
    func wrong(_ what: String) {
        state.withLock { state in
            state.report.wrongAnswers += 1
            if state.report.wrong.count < Self.longestList { state.report.wrong.append(what) }
        }
    }

    /// Changes counts that somebody else knows.
    func update(_ change: (inout SoakReport) -> Void) {
        state.withLock { change(&$0.report) }
    }

    /// The operations that should have ended by now and have not.
    func overdue(at now: ContinuousClock.Instant) -> [Entry] {
        state.withLock { state in state.underWay.values.filter { $0.due < now } }
    }
}
