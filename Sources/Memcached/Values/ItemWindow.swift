import DequeModule
import MemcachedWire
import NIOCore
import Synchronization

/// One window of a multi-get while it is read: hands out each item that has arrived, before the others have.
///
/// The reading is a task that ends by itself, at its deadline at the latest, and is cancelled when the window is dropped
/// or its reader's task is cancelled.
final class ItemWindow: Sendable {
    typealias Element = MemcachedItemSequence.Element

    /// What a reader finds.
    enum Next: Sendable {
        case element(Element)
        /// Nothing yet: wait.
        case nothing
        case end
        case failure(MemcachedError)
    }

    private struct State {
        var arrived: Deque<Element> = []
        /// The positions that have arrived; a window that is read again brings them again.
        var seen: Set<Int> = []
        var isOver = false
        var error: MemcachedError?
        var waiter: UnsafeContinuation<Void, Never>?
        var reading: Task<Void, Never>?
    }

    private let keys: [MemcachedKey]
    private let state = Mutex(State())

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - plan: The reads.
    ///   - core: Who carries them out.
    ///   - deadline: For all of them.
    init(_ plan: BatchPlan, _ core: ClientCore, deadline: NIODeadline) {
        keys = plan.keys
        let reading = Task.detachedHere { [weak self] in
            let outcomes = await core.hits(plan, deadline: deadline) { [weak self] position, response in
                self?.arrived(position, response)
            }
            self?.ended(outcomes)
        }
        state.withLock { $0.reading = reading }
    }

    deinit {
        state.withLock { $0.reading }?.cancel()
    }

    /// What is there now.
    func take() -> Next {
        state.withLock { state in
            if let element = state.arrived.popFirst() { return .element(element) }
            guard state.isOver else { return .nothing }
            guard let error = state.error.take() else { return .end }
            return .failure(error)
        }
    }

    /// Waits until there may be something.
    func wait() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
                let isReady = state.withLock { state in
                    if state.isOver || !state.arrived.isEmpty { return true }
                    state.waiter = waiter
                    return false
                }
                if isReady { waiter.resume() }
            }
        } onCancel: {
            // It ends at once then, and its end wakes who waits.
            state.withLock { $0.reading }?.cancel()
        }
    }

    /// A response came, on an event loop.
    private func arrived(_ position: Int, _ response: Response) {
        guard response.status == .success else { return }
        let waiter = state.withLock { state in
            add(position, response, to: &state)
            return state.waiter.take()
        }
        waiter?.resume()
    }

    private func ended(_ outcomes: ClientCore.Outcomes<Response?>) {
        let waiter = state.withLock { state in
            for (position, outcome) in outcomes.enumerated() {
                switch outcome {
                case .success(let hit?): add(position, hit, to: &state)
                case .success(nil): break
                case .failure(let error): state.error = state.error ?? error
                }
            }
            state.isOver = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    private func add(_ position: Int, _ hit: Response, to state: inout State) {
        guard keys.indices.contains(position), state.seen.insert(position).inserted else { return }
        state.arrived.append((keys[position], hit.item))
    }
}
