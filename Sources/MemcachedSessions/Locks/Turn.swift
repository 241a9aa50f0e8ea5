import Synchronization

/// A request's turn among those of its process that want one session.
///
/// Ends once: when told, or when dropped.
final class Turn: Sendable {
    private let id: SessionID
    private let core: SessionCore
    private let hasEnded = Atomic<Bool>(false)

    init(_ id: SessionID, _ core: SessionCore) {
        self.id = id
        self.core = core
    }

    deinit {
        end()
    }

    /// Lets the next request have its turn.
    func end() {
        guard hasEnded.compareExchange(expected: false, desired: true, ordering: .relaxed).exchanged else { return }
        core.leave(id)
    }
}
