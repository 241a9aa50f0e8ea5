/// What an operation does to a key, as memcached defines it.
///
/// Source of the rules: memcached's `doc/protocol-binary.txt`, and what memcached 1.6 answers. A condition is a CAS.
enum Effect: Hashable, Sendable {
    case set(Content, condition: UInt64?)
    case add(Content)
    case replace(Content, condition: UInt64?)
    case append(Piece, condition: UInt64?)
    case prepend(Piece, condition: UInt64?)
    case delete(condition: UInt64?)
    /// Counts up by the delta; from `initial` where there is no counter.
    case increment(UInt64, initial: UInt64?, condition: UInt64?)
    /// Counts down by the delta, not below 0; from `initial` where there is no counter.
    case decrement(UInt64, initial: UInt64?, condition: UInt64?)
    case touch
    /// A SET of more than the server takes: refused, and the item that was there is gone.
    case setTooLarge
    /// FLUSH: the item is gone, whether there was one or not.
    case flush

    /// What the server answers.
    enum Verdict: Hashable, Sendable {
        case stored
        case exists
        case notFound
        case notStored
        case deleted
        case found
        case counted(UInt64)
        case notNumeric
        case tooLarge
        case flushed
    }

    /// What becomes of a key.
    struct Change: Hashable, Sendable {
        var verdict: Verdict
        var content: Content?
        /// Whether the item has a new CAS.
        var isNewVersion: Bool
    }

    /// What the operation does where `content` is stored with a CAS.
    ///
    /// - Parameters:
    ///   - content: What is there; nil for nothing.
    ///   - version: The item's CAS; nil for one that nobody has been told.
    /// - Returns: What is there then, and what is answered.
    func change(to content: Content?, version: UInt64?) -> Change {
        func stays(_ verdict: Verdict) -> Change { Change(verdict: verdict, content: content, isNewVersion: false) }
        func becomes(_ new: Content) -> Change { Change(verdict: .stored, content: new, isNewVersion: true) }
        func meets(_ condition: UInt64?) -> Bool { condition == nil || condition == version }
        switch self {
        case .set(let new, nil):
            return becomes(new)
        case .set(let new, let condition), .replace(let new, let condition):
            guard content != nil else { return stays(.notFound) }
            return meets(condition) ? becomes(new) : stays(.exists)
        case .add(let new):
            return content == nil ? becomes(new) : stays(.exists)
        case .append(let piece, let condition):
            guard case .pieces(let pieces, let flags) = content else { return stays(.notStored) }
            return meets(condition) ? becomes(.pieces(pieces + [piece], flags: flags)) : stays(.exists)
        case .prepend(let piece, let condition):
            guard case .pieces(let pieces, let flags) = content else { return stays(.notStored) }
            return meets(condition) ? becomes(.pieces([piece] + pieces, flags: flags)) : stays(.exists)
        case .delete(let condition):
            guard content != nil else { return stays(.notFound) }
            return meets(condition)
                ? Change(verdict: .deleted, content: nil, isNewVersion: true) : stays(.exists)
        case .increment(let delta, let initial, let condition):
            return counted(content, initial, meets(condition)) { $0 &+ delta }
        case .decrement(let delta, let initial, let condition):
            return counted(content, initial, meets(condition)) { $0 - min($0, delta) }
        case .touch:
            return stays(content == nil ? .notFound : .found)
        case .setTooLarge:
            return Change(verdict: .tooLarge, content: nil, isNewVersion: true)
        case .flush:
            return Change(verdict: .flushed, content: nil, isNewVersion: true)
        }
    }

    /// Whether memcached 1.6.18 may refuse to count although a number is there.
    ///
    /// From 2^63 on it looks for a minus sign, and does so beyond the end of the number: whether it finds one in what
    /// an earlier item left in that memory is chance.
    func mayBeRefused(at content: Content?) -> Bool {
        guard case .number(let number) = content, number >> 63 == 1 else { return false }
        return switch self {
        case .increment, .decrement: true
        default: false
        }
    }

    private func counted(
        _ content: Content?,
        _ initial: UInt64?,
        _ isMet: Bool,
        _ count: (UInt64) -> UInt64
    ) -> Change {
        func becomes(_ number: UInt64) -> Change {
            Change(verdict: .counted(number), content: .number(number), isNewVersion: true)
        }
        switch content {
        case nil:
            guard let initial else { return Change(verdict: .notFound, content: nil, isNewVersion: false) }
            return becomes(initial)
        case .pieces:
            return Change(verdict: .notNumeric, content: content, isNewVersion: false)
        case .number(let number):
            guard isMet else { return Change(verdict: .exists, content: content, isNewVersion: false) }
            return becomes(count(number))
        }
    }
}

extension Effect: CustomStringConvertible {
    /// A few words, for the report of a wrong answer.
    var description: String {
        switch self {
        case .set(let content, let condition): "set \(content)" + Self.text(condition)
        case .add(let content): "add \(content)"
        case .replace(let content, let condition): "replace \(content)" + Self.text(condition)
        case .append(let piece, let condition): "append #\(piece.sequence)" + Self.text(condition)
        case .prepend(let piece, let condition): "prepend #\(piece.sequence)" + Self.text(condition)
        case .delete(let condition): "delete" + Self.text(condition)
        case .increment(let delta, let initial, let condition):
            "+\(delta)" + (initial.map { " from \($0)" } ?? "") + Self.text(condition)
        case .decrement(let delta, let initial, let condition):
            "-\(delta)" + (initial.map { " from \($0)" } ?? "") + Self.text(condition)
        case .touch: "touch"
        case .setTooLarge: "set too much"
        case .flush: "flush"
        }
    }

    private static func text(_ condition: UInt64?) -> String {
        condition.map { " if CAS \($0)" } ?? ""
    }
}
