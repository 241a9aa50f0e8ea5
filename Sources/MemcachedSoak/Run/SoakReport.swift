package import Memcached
package import MemcachedTestSupport

/// What a run has done and found.
package struct SoakReport: Sendable {
    /// The run's seed.
    package var seed: UInt64
    /// How long it took.
    package var elapsed = Duration.zero
    /// How often everything came to rest and was compared.
    package var rounds = 0
    /// How many operations have ended: calls of the client, a batch being one.
    package var operations = 0
    /// How many of them were answered.
    package var answered = 0
    /// How many keys those calls were about, batches counted by their keys.
    package var keys = 0
    /// How many keys were read back at rest and compared.
    package var compared = 0
    /// How often each error came, single keys of batches included.
    package var errors: [MemcachedError.Code: Int] = [:]
    /// How often errors said what of the outcome.
    package var outcomes: [MemcachedError.Outcome: Int] = [:]
    /// How often each fault was done.
    package var faults: [Fault.Kind: Int] = [:]
    /// Requests given up after they had been sent.
    package var tombstones = 0
    /// Answers to them that came, were read and dropped.
    package var lateResponsesDropped = 0
    /// Answers that came late to somebody who wanted to know.
    package var lateReplies = 0
    /// Connections closed because a response did not fit.
    package var poisoned = 0
    /// Connections made.
    package var connections = 0
    /// The longest time that an operation went on beyond its deadline or cancellation.
    package var latest = Duration.zero
    /// How much has gone wrong.
    package var wrongAnswers = 0
    /// The first of what has gone wrong, in words.
    package var wrong: [String] = []
    /// Resident memory in bytes after the first round and at the end; nil where it cannot be known.
    package var residentAtStart: Int?
    /// See ``residentAtStart``.
    package var residentAtEnd: Int?

    package init(seed: UInt64) {
        self.seed = seed
    }

    /// The kinds of faults that were not done.
    package var missingFaults: [Fault.Kind] {
        Fault.Kind.allCases.filter { faults[$0, default: 0] == 0 }
    }

    /// The errors that a run claims to reach and did not.
    package var missingErrors: [MemcachedError.Code] {
        Self.claimedErrors.filter { errors[$0, default: 0] == 0 }
    }

    /// Whether everything that a run claims has happened.
    package var isComplete: Bool {
        missingFaults.isEmpty && missingErrors.isEmpty && tombstones > 0 && lateResponsesDropped > 0 && poisoned > 0
    }

    /// The errors that a run claims to reach; any other error is a wrong answer.
    package static let claimedErrors: [MemcachedError.Code] = [
        .invalidKey, .invalidArgument, .valueTooLarge, .decodingFailed, .nonNumericValue, .timeout, .cancelled,
        .overloaded, .clientShutDown, .connectionFailed, .connectionLost, .serverDown, .tooManyConnections,
        .authenticationRefused, .authenticationRequired, .notBinaryProtocol, .protocolViolation, .responseTooLarge,
        .unknownCommand, .outOfMemory, .temporaryFailure, .notPermitted, .serverError,
    ]
}

extension SoakReport: CustomStringConvertible {
    /// One line: how far the run is.
    package var progress: String {
        "[\(Self.seconds(elapsed)) s] round \(rounds): \(operations) operations, "
            + "\(faults.values.reduce(0, +)) faults, \(errors.values.reduce(0, +)) errors, \(tombstones) tombstones, "
            + "wrong answers \(wrongAnswers), RSS \(Self.mebibytes(ResidentMemory.bytes()))"
    }

    /// All of it, on several lines.
    package var description: String {
        """
        seed                \(seed)
        time                \(Self.seconds(elapsed)) s, \(rounds) rounds
        operations          \(operations), \(answered) answered; \(keys) keys in them
        compared at rest    \(compared) keys
        wrong answers       \(wrongAnswers)
        tombstones          \(tombstones), late responses dropped \(lateResponsesDropped), late replies \(lateReplies)
        connections         \(connections), poisoned \(poisoned)
        latest end          \(latest) after the deadline
        RSS                 \(Self.mebibytes(residentAtStart)) at the start, \(Self.mebibytes(residentAtEnd)) at the end
        outcomes of errors  \(Self.list(outcomes) { $0.rawValue })
        errors by code      \(Self.list(errors) { $0.description })
        faults by kind      \(Self.list(faults) { $0.rawValue })
        """
            + (missingFaults.isEmpty ? "" : "\nfaults not reached  \(missingFaults.map(\.rawValue))")
            + (missingErrors.isEmpty ? "" : "\nerrors not reached  \(missingErrors)")
            + wrong.map { "\nWRONG: \($0)" }.joined()
    }

    private static func list<Key>(_ counts: [Key: Int], _ name: (Key) -> String) -> String {
        counts.map { (name($0), $1) }.sorted { $0.0 < $1.0 }.map { "\($0) \($1)" }.joined(separator: ", ")
    }

    private static func seconds(_ duration: Duration) -> Int64 { duration.components.seconds }

    private static func mebibytes(_ bytes: Int?) -> String {
        bytes.map { "\($0 >> 20) MiB" } ?? "unknown"
    }
}
